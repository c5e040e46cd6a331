"""Each invariant names the rows that break it, when somebody breaks it past the product."""

import io

import pytest
from django.core.management import call_command

from tests.broken import as_owner
from tests.cast import Tenant
from tests.leads_made import make_lead


def check(tenant: Tenant) -> tuple[int, str]:
    errors = io.StringIO()
    try:
        call_command("invariants", tenant=tenant.slug, stdout=io.StringIO(), stderr=errors)
    except SystemExit as stop:
        return int(stop.code or 0), errors.getvalue()
    return 0, errors.getvalue()


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE capture_submission SET verdict = ''", "I1 outcome"),
        ("DELETE FROM leads_touch", "I2 touch"),
        ("DELETE FROM leads_touch", "I2 inquiry"),
        ("UPDATE ownership_spell SET ended_at = started_at + interval '1 hour'", "I3 owner"),
        ("UPDATE leads_lead SET closed_at = now(), closure_reason = 'x'", "I5 clocks"),
        ("UPDATE tenancy_wakeup SET due_at = now() - interval '1 hour'", "I9 outbox"),
        ("DELETE FROM leads_task", "R17 next action"),
        ("UPDATE leads_lead SET queue_id = (SELECT id FROM catalog_queue WHERE key = 'oak-calls')", "R17 agreement"),
        ("UPDATE leads_task SET kind = 'review'; UPDATE leads_lead SET shares_stream_with_id = id", "DU-07 waiting"),
        ("UPDATE leads_task SET state = 'suppressed'", "DU-07 waiting"),
        ("DELETE FROM ownership_leadteamgrant", "R8 grants"),
        ("UPDATE audit_auditentry SET action = 'other' WHERE seq = 3", "I8 audit"),
    ],
)
def test_a_broken_invariant_is_named(harbor: Tenant, statement: str, name: str) -> None:
    make_lead(harbor)
    assert check(harbor) == (0, "")
    as_owner(harbor, statement)
    code, said = check(harbor)
    assert code == 1
    assert name in said


def test_two_open_calls_of_one_person_are_named(harbor: Tenant) -> None:
    first = make_lead(harbor, person__phone="+13125550163")
    make_lead(harbor, person__phone="+13125550163", request__service="bariatrics")
    assert check(harbor) == (0, "")
    as_owner(harbor, "UPDATE leads_task SET state = 'open' WHERE state = 'suppressed'")
    code, said = check(harbor)
    assert code == 1
    assert "DU-07 one outreach" in said and str(first.id) in said
