"""A whole import is taken back: untouched leads withdrawn, touched ones kept and listed, nothing deleted."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.imports.models import ImportRow, ImportRun
from apps.leads.models import Lead, Task, Touch
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.imports.test_imports import HEADER, file_of, opened, people, plan
from tests.leads_made import inquiry, send_in


def taken_in(harbor: Tenant, ops: Client, rows: list[list[str]], **confirm: str) -> str:
    """Bring rows in and return the import's page."""
    page = opened(ops, file_of(rows))
    assert ops.post(f"{page}plan/", plan(HEADER)).status_code == 303
    harbor.drain()
    assert ops.post(f"{page}confirm/", confirm).status_code == 303
    harbor.drain()
    return page


@pytest.mark.row("CP-26")
def test_an_import_is_taken_back_and_only_what_nobody_touched_goes(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    known = people(900, 1)[0]
    same = {"person__phone": known[2], "person__email": known[3], "person__first_name": known[0]}
    send_in(harbor, inquiry(source="imaging-spring", person__last_name=known[1], **same))
    harbor.drain()
    ops = client_as("ada")
    page = taken_in(harbor, ops, [known, *people(910, 3)], duplicates="take")
    with harbor.scope():
        before = Lead.rows().count()
        rows = {row.number: row.submission.lead_id for row in ImportRow.rows().select_related("submission")}
        touched = Lead.rows().select_related("owner_team").get(id=rows[2])
    ewa = client_as("ewa")
    assert ewa.post(f"/leads/{touched.id}/note/", {"text": "Called already"}).status_code == 303
    assert "can be taken back" in ops.get(page).content.decode()
    assert ops.post(f"{page}undo/").status_code == 303
    assert ops.post(f"{page}undo/").status_code == 409
    assert "Taking the import back" in ops.get(page).content.decode()
    harbor.drain()
    shown = re.sub(r"\s+", " ", ops.get(page).content.decode())
    with harbor.scope():
        standing = [(row.number, row.state, row.problems) for row in ImportRow.rows()]
    assert [each[1] for each in standing] == ["unjoined", "kept", "withdrawn", "withdrawn"], standing
    assert "Taken back: 2 withdrawn, 1 kept, 1 no longer joined" in shown
    assert f"{touched.ref} stays. Somebody worked on it since." in shown
    with harbor.scope():
        assert Lead.rows().count() == before
        gone = Lead.rows().filter(id__in=[rows[3], rows[4]])
        assert set(gone.values_list("closure_reason", "status")) == {("import_undone", "withdrawn")}
        assert not Task.rows().filter(lead__in=gone, state="open").exists()
        assert Lead.rows().get(id=touched.id).closed_at is None
        assert Lead.rows().get(id=rows[1]).closed_at is None
        assert Touch.rows().filter(lead_id=rows[1], verdict="undone").count() == 1
        assert AuditEntry.rows().filter(action="lead.withdraw").count() == 2
        assert AuditEntry.rows().filter(action="import.undo").count() == 1
    queue = client_as("lena").get("/queue/").content.decode()
    assert all(str(lead_id) not in queue for lead_id in (rows[3], rows[4]))


def test_after_seven_days_an_import_stays(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    ops = client_as("ada")
    page = taken_in(harbor, ops, people(950, 1))
    with harbor.scope():
        ImportRun.rows().update(confirmed_at=database_now() - timedelta(days=7, minutes=1))
    assert "can be taken back" not in ops.get(page).content.decode()
    assert ops.post(f"{page}undo/").status_code == 409
