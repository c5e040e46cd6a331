"""Who read or did what: by person, agency and saved question, on the page and as a file that shows tampering."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command

from apps.audit.models import AuditEntry, AuditSubject
from apps.compliance.manifests import MANIFEST, faults_of
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead


def page_of(client_as, query: str) -> str:
    answer = client_as("dev").get(f"/compliance/access/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.row("AU-01")
def test_who_read_this_persons_record_is_answered_by_name(harbor: Tenant, client_as) -> None:
    lead, other = make_lead(harbor), make_lead(harbor)
    ana, lena = client_as("ana"), client_as("lena")
    assert ana.get(f"/leads/{lead.id}/").status_code == 200
    assert lena.get("/queue/").status_code == 200
    page = page_of(client_as, f"?whose={lead.ref}&kind=read")
    assert "Ana" in page and "Lena" in page and lead.ref in page
    assert "Maria Lopez" not in page and "care inquiry" in page
    page = page_of(client_as, f"?whose={other.ref}&kind=read")
    assert "On this page:" in page and "Lena" in page and "lead read" in page
    with harbor.scope():
        listed = AuditEntry.rows().filter(action="lead.read", actor_id=harbor.actor("lena").id).latest("seq")
        assert {str(each) for each in (lead.id, other.id)} <= set(listed.detail["ids"])
        assert AuditSubject.rows().filter(seq=listed.seq).count() == len(listed.detail["ids"])
        # To look whose record was read is noted, under the person that was asked for.
        assert AuditEntry.rows().filter(action="access_log.read", object_id=lead.person_id).count() == 1
    assert client_as("dev").get("/compliance/access/?whose=L-99999999").status_code == 422


@pytest.mark.row("AU-10")
@pytest.mark.row("AU-08")
def test_an_agencys_acts_are_found_and_leave_as_a_file_that_shows_tampering(
    harbor: Tenant, client_as, api, tmp_path
) -> None:
    for _each in range(3):
        assert api("bp-1").post("/leads", inquiry()).status_code == 202
    harbor.drain()
    with harbor.scope():
        party = AuditEntry.rows().filter(party_id__isnull=False).latest("seq").party_id
        acts = AuditEntry.rows().filter(party_id=party).count()
        refs = set(AuditEntry.rows().filter(party_id=party).values_list("seq", flat=True))
        assert AuditEntry.rows().filter(party_id=party, action="submission.process").count() == 3
    page = page_of(client_as, f"?party={party}&kind=")
    assert page.count("BrightPath") >= acts
    answer = client_as("dev").get(f"/compliance/access/export/?party={party}&kind=")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box:
        rows = list(csv.DictReader(io.StringIO(box.read("access.csv").decode("utf-8-sig"))))
        told = json.loads(box.read(MANIFEST))
    assert {int(row["number"]) for row in rows} == refs and len(rows) == acts == told["files"][0]["rows"]
    assert all(row["agency"].startswith("BrightPath") for row in rows)
    whole = tmp_path / "whole.zip"
    whole.write_bytes(answer.content)
    call_command("manifest", "check", str(whole), tenant=harbor.slug, stdout=io.StringIO())
    forged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box, zipfile.ZipFile(forged, "w") as other:
        for name in box.namelist():
            other.writestr(name, box.read(name).replace(b"BrightPath", b"Somebody"))
    assert faults_of(forged.getvalue(), harbor.organization_id) == ["access.csv was altered."]
    with harbor.scope():
        assert AuditEntry.rows().get(action="compliance.export").detail["rows"] == acts


@pytest.mark.row("AU-01")
def test_saved_questions_tell_work_from_curiosity(harbor: Tenant, client_as) -> None:
    worked, looked = make_lead(harbor), make_lead(harbor)
    ana = client_as("ana")
    with travelling(to=TUESDAY_NINE + timedelta(hours=1)):
        for lead in (worked, looked):
            ana.get(f"/leads/{lead.id}/")
        assert ana.post(f"/leads/{worked.id}/note/", {"text": "Called back"}).status_code == 303
        client_as("dev").get(f"/leads/{looked.id}/")
        unacted = page_of(client_as, "?ask=unacted&until=2026-12-01&since=2026-12-01")
        outside = page_of(client_as, "?ask=outside&until=2026-12-01&since=2026-12-01")
    assert f">{looked.ref}</a>" in unacted and f">{worked.ref}</a>" not in unacted
    table = outside[outside.index('aria-label="Entries"') :]
    assert "Dev" in table and "Ana" not in table
