"""The intake's and the clinic's review of a lead: who sets a status, when it is late, who hears of it (row AP-07)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.leads.models import Task, TimelineEntry
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, change_rules, page
from tests.words import words_of

LATER = TUESDAY_NINE + timedelta(minutes=10)
THREE_DAYS = timedelta(days=3)
LATE = "Clinical review: Awaiting records for 3 days"


def owner_of(lead, client_as):
    return client_as(lead.owner.user.email.partition("@")[0])


def told(tenant, lead):
    with tenant.scope():
        return list(words_of(TimelineEntry.rows().filter(lead=lead, kind="review").order_by("at", "id"), "sentence"))


def late_tasks(tenant, lead):
    with tenant.scope():
        rows = Task.rows().filter(lead=lead, kind="late_clinical_review").select_related("team")
        return [(each.team.key, each.state) for each in rows]


@pytest.mark.row("AP-07")
def test_awaiting_records_for_three_days_is_escalated_once(harbor, client_as):
    """Ivy's clinical team sets the status; three days later it is care coordination's, in My work and in the story."""
    lead = make_lead(harbor)
    path, ivy = f"/leads/{lead.id}", client_as("ivy")
    waits = {"track": "clinical", "status": "Awaiting records", "note": "The cardiologist sends them"}
    refused = ask(owner_of(lead, client_as), "POST", f"{path}/reviews", waits, at=LATER)
    assert refused.status_code == 403 and "Clinical Intake sets “Awaiting records”" in refused.json()["detail"]
    unknown = ask(ivy, "POST", f"{path}/reviews", waits | {"status": "lost"}, at=LATER)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/status")
    said = ask(ivy, "POST", f"{path}/reviews", waits, at=LATER)
    assert said.status_code == 201, said.content
    assert said.json()["late_at"] == "2026-12-04T15:10:00Z"
    harbor.drain(LATER + THREE_DAYS - timedelta(minutes=1))
    assert late_tasks(harbor, lead) == []
    after = LATER + THREE_DAYS + timedelta(minutes=1)
    for _ in range(2):
        harbor.drain(after)
    assert late_tasks(harbor, lead) == [("care-coordination", "open")]
    assert told(harbor, lead) == ["Clinical review: Awaiting records.", f"{LATE}. Escalated to Care Coordination."]
    assert LATE in page(ivy, "/", at=after)
    assert "late since" in page(ivy, f"{path}/", at=after)

    with travelling(to=after):
        form = {"status": "clinical:in_review", "note": "", "idempotency_key": str(uuid4())}
        assert ivy.post(f"{path}/review/", form).status_code == 303
    assert late_tasks(harbor, lead) == [("care-coordination", "done")]
    stands = ask(ivy, "GET", f"{path}/reviews", at=after).json()
    assert [(each["status"], each["recorded_by"]) for each in stands["stands"]] == [("in_review", "Ivy Tran")]
    assert [each["status"] for each in stands["history"]] == ["in_review", "awaiting_records"]


@pytest.mark.row("AP-07")
def test_what_moved_on_in_time_or_is_never_late_is_not_escalated(harbor, client_as):
    lead = make_lead(harbor)
    path, ivy = f"/leads/{lead.id}", client_as("ivy")
    for minute, status in enumerate(["awaiting_records", "accepted"]):
        at = LATER + timedelta(minutes=minute)
        said = ask(ivy, "POST", f"{path}/reviews", {"track": "clinical", "status": status}, at=at)
        assert said.status_code == 201, said.content
    harbor.drain(LATER + timedelta(days=10))
    assert late_tasks(harbor, lead) == []
    owner = owner_of(lead, client_as)
    own = ask(owner, "POST", f"{path}/reviews", {"track": "intake", "status": "complete"}, at=LATER)
    assert (own.status_code, own.json()["late_at"]) == (201, None)
    assert "Accepted since" in page(owner, f"{path}/", at=LATER + timedelta(minutes=2))


@pytest.mark.row("AP-07")
def test_the_tenant_says_who_sets_a_status_and_when_it_is_late_and_to_whom_it_goes(harbor, client_as):
    def change(rules):
        row = next(each for each in rules["statuses"] if each["key"] == "in_review")
        row.update(updates="scheduling", late_after_seconds=3_600, escalates_to="patient-services")

    change_rules(harbor, client_as, "intake", change)
    lead = make_lead(harbor)
    path, body = f"/leads/{lead.id}", {"track": "clinical", "status": "in_review"}
    assert ask(client_as("ivy"), "POST", f"{path}/reviews", body, at=LATER).status_code == 403
    assert ask(client_as("sam"), "POST", f"{path}/reviews", body, at=LATER).status_code == 201
    harbor.drain(LATER + timedelta(hours=2))
    assert late_tasks(harbor, lead) == [("patient-services", "open")]
