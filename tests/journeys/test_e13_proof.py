"""E-13, points 5 and 6: reads are proved from the ledger, and so is whom a breach concerns."""

from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.compliance.models import BreachCase
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead


@pytest.mark.journey("E-13")
def test_who_opened_the_lead_is_proved_and_a_case_finds_whom_it_concerns(harbor: Tenant, client_as) -> None:
    leads = [make_lead(harbor) for _each in range(3)]
    with travelling(to=TUESDAY_NINE + timedelta(hours=1)):
        for lead in leads[:2]:
            assert client_as("ana").get(f"/leads/{lead.id}/").status_code == 200
        # Who reports on campaigns neither asks the log nor opens a case.
        for address in ("access/", "breach/", "breach/new/", "exports/"):
            assert client_as("cleo").get(f"/compliance/{address}").status_code == 404
        dev = client_as("dev")
        page = dev.get(f"/compliance/access/?whose={leads[0].ref}&kind=read").content.decode()
        assert f"On this page: {harbor.user('ana').name}" in page
        case = dev.post("/compliance/breach/new/", {"what": "A laptop", "discovered_on": "2026-12-01"})["Location"]
        asked = {"actors": str(harbor.user("ana").id), "since": "2026-12-01", "until": "2026-12-01"}
        assert dev.post(f"{case}affected/", asked).status_code == 303
        assert "2 persons" in dev.get(case).content.decode()
    with harbor.scope():
        row = BreachCase.rows().get()
        assert (row.due_on - row.discovered_on).days == 60
        reads = AuditEntry.rows().filter(action="lead.read", actor_id=harbor.user("ana").id)
        assert {each.object_id for each in reads} == {each.id for each in leads[:2]}
