"""The month's reports: three files, by the tenant's clock, with the note of a closed lead (E-10)."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.compliance.manifests import faults_of
from apps.flows.closing import close_lead
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead


@pytest.mark.row("AU-08")
def test_a_month_leaves_as_three_files(harbor: Tenant, client_as) -> None:
    lead = make_lead(harbor)
    later = TUESDAY_NINE + timedelta(hours=2)
    with travelling(to=later):
        client_as("ana").get(f"/leads/{lead.id}/")
        with harbor.scope():
            ana = harbor.actor("ana")
            close_lead(
                actor=ana,
                lead_id=lead.id,
                reason="not_interested",
                note="=Too dear",
                outcome="not_qualified",
                now=later,
            )
        answer = client_as("dev").post("/compliance/exports/month/", {"month": "2026-12"})
        before = client_as("dev").post("/compliance/exports/month/", {"month": "2026-11"})
        assert client_as("dev").post("/compliance/exports/month/", {"month": "2020-01"}).status_code == 422
    assert faults_of(answer.content, harbor.organization_id) == []
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box:
        files = {
            name: list(csv.DictReader(io.StringIO(box.read(name).decode("utf-8-sig"))))
            for name in box.namelist()
            if name.endswith(".csv")
        }
    assert set(files) == {"access.csv", "consents.csv", "qualification_notes.csv"}
    assert any(row["act"] == "lead.read" and row["leads"] == lead.ref for row in files["access.csv"])
    assert {row["channel"] for row in files["consents.csv"] if row["leads"] == lead.ref} >= {"call", "email"}
    note = next(row for row in files["qualification_notes.csv"] if row["lead"] == lead.ref and row["kind"] == "closing")
    assert "=Too dear" in note["reason or note"] and note["by"] == harbor.user("ana").name
    with zipfile.ZipFile(io.BytesIO(before.content)) as box:
        assert lead.ref not in box.read("qualification_notes.csv").decode()
    with harbor.scope():
        # Whose notes left is noted under their leads.
        reads = AuditEntry.rows().filter(action="lead.read", actor_id=harbor.user("dev").id)
        assert any(lead.id == each.object_id or str(lead.id) in each.detail.get("ids", []) for each in reads)
