"""Around a visit: a reminder by what the person permits, a new time after a no-show, a question where nobody spoke."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.appointments.models import Appointment
from apps.leads.models import Lead, Task, TimelineEntry
from apps.outreach.models import Message
from tests.cast import Tenant
from tests.leads_made import consent, make_lead
from tests.rows.arranging import ask, change_rules, chicago, draft_rules, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
BOOKED_AT = TEN + timedelta(minutes=30)
#: Friday at eleven; the reminder goes on Thursday.
VISIT = {"starts_at": "2026-12-04T11:00:00-06:00", "location": "elm-st", "confirmed_by": "patient"}
DAY_BEFORE = chicago("2026-12-03 11:00")
CONTACT = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-01T14:00:00-06:00"}
EVERYTHING = [consent("call"), consent("text"), consent("email")]
NO_TEXTS = [consent("call"), consent("email")]


def booked(tenant: Tenant, client_as: OpenBrowser, consents: list[Any], **visit: str) -> tuple[Lead, str]:
    """Return a lead with a visit, and the address of the visit by API."""
    lead = make_lead(tenant, at=TEN, consent=consents)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONTACT, at=TEN).status_code == 201
    visits = f"/leads/{lead.id}/appointments"
    answer = ask(owner, "POST", visits, VISIT | visit, at=BOOKED_AT)
    assert answer.status_code == 201, answer.content
    return lead, f"{visits}/{answer.json()['id']}"


def sent(tenant: Tenant, purpose: str) -> list[tuple[str, str]]:
    """Return channel and state of the messages of a purpose, first to last."""
    with tenant.scope():
        return list(Message.rows().filter(purpose=purpose).order_by("created_at").values_list("channel", "state"))


@pytest.mark.row("AP-09")
@pytest.mark.row("TN-13")
@pytest.mark.parametrize(("consents", "channel"), [(EVERYTHING, "text"), (NO_TEXTS, "email")])
def test_a_visit_is_reminded_of_the_day_before_by_what_is_permitted(
    harbor: Tenant, client_as: OpenBrowser, consents: list[Any], channel: str
) -> None:
    """24 hours before, once: by text where texts are permitted, else by e-mail. The text names no place."""
    booked(harbor, client_as, consents)
    harbor.drain(DAY_BEFORE - timedelta(minutes=1))
    assert sent(harbor, "visit-reminder") == []
    for _ in range(2):
        harbor.drain(DAY_BEFORE)
    assert sent(harbor, "visit-reminder") == [(channel, "sent")]
    with harbor.scope():
        body = Message.rows().get(purpose="visit-reminder").body
        assert "Friday, Dec 4, 11:00" in body
        assert ("Elm St" in body) == (channel == "email")


@pytest.mark.row("AP-09")
def test_a_reminder_moves_and_ends_with_its_visit(harbor: Tenant, client_as: OpenBrowser) -> None:
    _lead, visit = booked(harbor, client_as, EVERYTHING)
    sam = client_as("sam")
    moved = {"state": "rescheduled", "starts_at": "2026-12-08T15:00:00-06:00"}
    assert ask(sam, "PATCH", visit, moved, at=BOOKED_AT).status_code == 200
    harbor.drain(DAY_BEFORE)
    assert sent(harbor, "visit-reminder") == []
    harbor.drain(chicago("2026-12-07 15:00"))
    assert sent(harbor, "visit-reminder") == [("text", "sent")]
    moved["starts_at"] = "2026-12-10T15:00:00-06:00"
    at = chicago("2026-12-07 16:00")
    assert ask(sam, "PATCH", visit, moved, at=at).status_code == 200
    assert ask(sam, "PATCH", visit, {"state": "cancelled"}, at=at).status_code == 200
    harbor.drain(chicago("2026-12-10 12:00"))
    assert sent(harbor, "visit-reminder") == [("text", "sent")]


@pytest.mark.row("AP-09")
def test_without_a_permitted_channel_the_story_says_that_no_reminder_goes(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead, _visit = booked(harbor, client_as, [consent("call")])
    harbor.drain(DAY_BEFORE)
    assert sent(harbor, "visit-reminder") == []
    assert "No reminder of the visit goes" in page(client_as("sam"), f"/leads/{lead.id}/", at=DAY_BEFORE)


@pytest.mark.row("AP-09")
def test_a_no_show_brings_a_task_and_a_new_time_within_the_hour(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead, visit = booked(harbor, client_as, EVERYTHING)
    missed = chicago("2026-12-04 11:20")
    assert ask(client_as("sam"), "PATCH", visit, {"state": "no_show"}, at=missed).status_code == 200
    with harbor.scope():
        task = Task.rows().get(lead=lead, kind="call", state="open")
        assert (task.title, task.due_at) == ("Win the visit back", missed + timedelta(hours=1))
        assert not Task.rows().filter(lead=lead, kind="confirm", state="open").exists()
    harbor.drain(missed + timedelta(hours=1))
    assert sent(harbor, "visit-rebook") == [("text", "sent")]
    assert sent(harbor, "visit-reminder") == []


@pytest.mark.row("AP-09")
def test_who_takes_a_new_time_first_gets_no_message_about_one(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead, visit = booked(harbor, client_as, EVERYTHING)
    missed, sam = chicago("2026-12-04 11:20"), client_as("sam")
    assert ask(sam, "PATCH", visit, {"state": "no_show"}, at=missed).status_code == 200
    moved = {"state": "rescheduled", "starts_at": "2026-12-08T15:00:00-06:00"}
    assert ask(sam, "PATCH", visit, moved, at=missed + timedelta(minutes=5)).status_code == 200
    harbor.drain(missed + timedelta(hours=1))
    assert sent(harbor, "visit-rebook") == [("text", "blocked")]
    with harbor.scope():
        assert not Task.rows().filter(lead=lead, kind="call", state="open").exists()
        assert Task.rows().filter(lead=lead, kind="confirm", state="open").count() == 1


@pytest.mark.row("TN-13")
def test_the_tenant_says_when_people_are_reminded(harbor: Tenant, client_as: OpenBrowser) -> None:
    refused = draft_rules(harbor, client_as, "contact", lambda rules: rules.update(reminders={"rebook_minutes": 90}))
    assert refused.status_code == 422 and "Give a whole number from 0 to 60." in refused.content.decode()
    change_rules(harbor, client_as, "contact", lambda rules: rules.update(reminders={"hours_before": 48}))
    booked(harbor, client_as, EVERYTHING)
    harbor.drain(DAY_BEFORE - timedelta(hours=24))
    assert sent(harbor, "visit-reminder") == [("text", "sent")]


def times_asked(tenant: Tenant, lead: Lead) -> int:
    """Return how often the story says that nobody said what came of a visit."""
    with tenant.scope():
        told = [each.sentence for each in TimelineEntry.rows().filter(lead=lead)]
    return len([each for each in told if each.startswith("A visit is past")])


@pytest.mark.row("AP-13")
def test_a_past_visit_without_a_word_is_asked_about_on_the_next_business_day_at_nine(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    """Friday's visit is asked about on Monday at 09:00, once, on My work of the owning team."""
    lead, visit = booked(harbor, client_as, NO_TEXTS)
    monday, sam = chicago("2026-12-07 09:00"), client_as("sam")
    harbor.drain(monday - timedelta(minutes=1))
    asked = {"lead": lead, "kind": "visit_outcome", "state": "open"}
    with harbor.scope():
        assert not Task.rows().filter(**asked).exists()
    for _ in range(2):
        harbor.drain(monday)
    with harbor.scope():
        task = Task.rows().get(**asked)
        assert (task.due_at, task.team.key) == (monday, "scheduling")
    assert times_asked(harbor, lead) == 1
    assert "Say what came of the visit" in page(sam, "/", at=monday)
    assert "Say what came of the visit" not in page(client_as("ben"), "/", at=monday)
    ended = ask(sam, "PATCH", f"/leads/{lead.id}/tasks/{task.id}", {"state": "done"}, at=monday)
    assert (ended.status_code, ended.json()["errors"][0]["code"]) == (422, "outcome_missing")
    assert ask(sam, "PATCH", visit, {"state": "completed_intake"}, at=monday).status_code == 200
    with harbor.scope():
        assert not Task.rows().filter(**asked).exists()
        assert Task.rows().filter(lead=lead, state="open", kind="go_on").exists()


@pytest.mark.row("AP-13")
@pytest.mark.parametrize("state", ["attended", "no_show", "cancelled", "completed_intake"])
def test_a_visit_with_a_result_is_not_chased(harbor: Tenant, client_as: OpenBrowser, state: str) -> None:
    lead, visit = booked(harbor, client_as, NO_TEXTS)
    at = chicago("2026-12-04 15:00")
    assert ask(client_as("sam"), "PATCH", visit, {"state": state}, at=at).status_code == 200
    harbor.drain(chicago("2026-12-07 09:00"))
    assert times_asked(harbor, lead) == 0
    with harbor.scope():
        assert Appointment.rows().get(lead=lead).state == state
        assert Task.rows().filter(lead=lead, state="open").exists()
