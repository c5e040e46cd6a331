"""Nurture: a lead that is asked again later rests until its day, and wakes whole (row QL-18)."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.leads.models import Task
from apps.outreach.actions import STAGE_MESSAGE
from apps.outreach.models import Message
from apps.qualification.models import ScoreResult
from apps.sla.actions import running_timers
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.links import follow, links_mailed, text_of
from tests.rows.arranging import ask, page

DECIDED = TUESDAY_NINE + timedelta(minutes=80)
JUNE = datetime(2027, 6, 1, 14, tzinfo=UTC)
LATER = {"verdict": "nurture", "reason": "No timeline: imaging asked for in June", "next_step": "Ask about June"}


def open_tasks(lead):
    rows = Task.rows().filter(lead=lead, state__in=["open", "suppressed"]).order_by("due_at")
    return [(each.kind, each.title, each.due_at) for each in rows]


def contact_clocks(lead):
    return running_timers(lead).exclude(kind="acknowledgement").count()


@pytest.fixture
def owner_of(client_as):
    return lambda lead: client_as(lead.owner.user.email.partition("@")[0])


@pytest.mark.row("QL-18")
def test_nurture_ends_the_contacts_and_its_day_is_the_one_next_action(harbor, owner_of):
    lead = make_lead(harbor)
    with harbor.scope():
        assert open_tasks(lead)[0][0] == "call" and contact_clocks(lead)
        point = lead.person.contact_points.get(kind="email")
        message = Message(lead=lead, purpose=STAGE_MESSAGE, channel="email", contact_point=point, template_key="x")
        message.created_at, message.dedup_key, message.template_version = DECIDED, "planned", 1
        message.save(force_insert=True)
        receipts = set(Message.rows().filter(lead=lead).exclude(id=message.id).values_list("id", "state"))
    decided = ask(
        owner_of(lead),
        "POST",
        f"/leads/{lead.id}/qualification",
        LATER | {"next_step_at": JUNE.isoformat()},
        at=DECIDED,
    )
    assert (decided.status_code, decided.json()["stage"]) == (200, "nurture"), decided.content
    row = reload(harbor, lead.id)
    assert (row.next_action_at, row.due_at) == (JUNE, JUNE)
    with harbor.scope():
        assert open_tasks(lead) == [("nurture", "Ask about June", JUNE)]
        assert not contact_clocks(lead)
        message.refresh_from_db()
        assert (message.state, message.reason) == ("blocked", "not now: asked again later")
        assert set(Message.rows().filter(lead=lead).exclude(id=message.id).values_list("id", "state")) == receipts
    rang = {"kind": "call", "direction": "inbound", "outcome": "connected", "next_action_at": "2026-12-04T16:00:00Z"}
    again = ask(owner_of(lead), "POST", f"/leads/{lead.id}/activities", rang, at=DECIDED + timedelta(days=1))
    assert again.status_code == 201, again.content
    with harbor.scope():
        assert [kind for kind, _, _ in open_tasks(lead)] == ["call"]
    assert reload(harbor, lead.id).stage.key == "contacted"


@pytest.mark.row("QL-18")
def test_no_timeline_is_asked_again_in_sixty_days_and_is_due_on_that_day(harbor, owner_of):
    lead = make_lead(harbor)
    moved = ask(
        owner_of(lead),
        "POST",
        f"/leads/{lead.id}/stage",
        {"to": "nurture", "reason": "No timeline for imaging yet"},
        at=DECIDED,
    )
    assert (moved.status_code, moved.json()["stage"]) == (200, "nurture"), moved.content
    due = DECIDED + timedelta(days=60)
    with harbor.scope():
        assert open_tasks(lead) == [("nurture", "Ask whether the time has come", due)]
    assert reload(harbor, lead.id).due_at == due
    assert lead.ref in page(owner_of(lead), "/queue/", at=due)


@pytest.mark.row("QL-18")
def test_who_asked_for_a_price_picks_a_service_by_link_and_is_called(harbor, client_as):
    """Journey E-10: the pricing question rests until the person says what they need."""
    asked = {"request__service": "", "request__location": "", "request__timeframe": ""}
    words = "How much is it? Tell me more"
    lead = make_lead(harbor, **asked, request__message=words, person__email="pia@example.com")
    owner = client_as("ewa")
    rest = {"to": "nurture", "reason": "Only asks for information, no service or timeline"}
    moved = ask(owner, "POST", f"/leads/{lead.id}/stage", rest, at=DECIDED)
    assert moved.status_code == 200, moved.content
    sent = ask(owner, "POST", f"/leads/{lead.id}/data-requests", {"fields": ["service", "location"]}, at=DECIDED)
    assert sent.status_code == 201, sent.content
    harbor.drain(DECIDED)
    later = DECIDED + timedelta(hours=1)
    link = links_mailed("pia@example.com")[-1]
    for asks, told in (("name", "Lopez"), ("service", "imaging"), ("location", "elm-st")):
        answer = follow(f"{link}?ask={asks}", later, {asks: told})
        assert answer.status_code == 303, text_of(answer)
    row = reload(harbor, lead.id)
    assert (row.stage.key, row.workflow, row.service.key) == ("routed", "", "imaging")
    with harbor.scope():
        assert [kind for kind, _, _ in open_tasks(lead)] == ["call"]
        assert contact_clocks(lead)
        assert ScoreResult.rows().filter(lead=lead).count() > 1
        assert not Message.rows().filter(lead=lead, purpose=STAGE_MESSAGE, state="pending").exists()
