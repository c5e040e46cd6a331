"""E-14: a hot lead has a person at once and climbs the ladder, a routine one waits for its batch. Chat: tests/chat."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from apps.accounts.terms import Availability
from apps.leads.models import Lead, Task, TimelineEntry
from apps.outreach.models import Message
from apps.sla.models import Escalation, SlaTimer
from apps.tenancy import outbox
from apps.tenancy.clock import travelling
from tests.capture.forms_made import send_form
from tests.cast import Tenant
from tests.leads_made import reload
from tests.rows.arranging import ask, chicago, page, set_availability
from tests.words import words_of

TEN, ONE = chicago("2026-12-01 10:00"), chicago("2026-12-01 13:00")
HOT = {"last_name": "Hot", "phone": "(312) 555-0161", "email": "hot@example.com", "timeframe": "asap"}
CALM = {"last_name": "Calm", "email": "calm@example.com", "timeframe": "later"}

OpenBrowser = Callable[..., Client]


def sent(tenant: Tenant, visitor: Client, form: str, answers: dict[str, str]) -> Lead:
    """Send a form at ten, as a visitor does; return the lead twenty seconds later."""
    consents = {"consent_email": "on"} | ({"consent_call": "on"} if "phone" in answers else {})
    values = {"first_name": "Nora", "service": "imaging", "location": "elm-st", "patient_type": "new"}
    values |= {"preferred_channel": "call" if "phone" in answers else "email", **consents, **answers}
    answer = send_form(visitor, f"/f/{tenant.slug}-{form}/", values, TEN - timedelta(seconds=10))
    assert answer.status_code == 303, answer.content.decode()
    tenant.drain(TEN + timedelta(seconds=20))
    with tenant.scope():
        lead = Lead.rows().get(person__last_name=answers["last_name"])
    return reload(tenant, lead.id)


def clock(tenant: Tenant, lead: Lead, kind: str = "first_contact") -> SlaTimer:
    with tenant.scope():
        found: SlaTimer = SlaTimer.rows().get(lead=lead, kind=kind, cancelled_at__isnull=True)
        return found


def rungs(tenant: Tenant, lead: Lead) -> list[tuple[datetime, str]]:
    """Return the escalations of the first contact that happened: when, and what."""
    with tenant.scope():
        rows = Escalation.rows().filter(timer__lead=lead, timer__kind="first_contact", done_at__isnull=False)
        return [(row.at, row.do) for row in rows.exclude(step=0).order_by("at")]


@pytest.mark.journey("E-14")
@pytest.mark.row("RT-12")
@pytest.mark.row("SL-05")
def test_the_hot_one_is_called_by_a_person_and_the_routine_one_waits_for_one_oclock(
    harbor: Tenant, client: Client, client_as: OpenBrowser
) -> None:
    mail.outbox.clear()
    for name in ("eli", "lena"):
        set_availability(harbor, client_as, name, Availability.AWAY)
    hot, calm = sent(harbor, client, "imaging", HOT), sent(harbor, client, "contact", CALM)
    ana, lena = client_as("ana"), client_as("lena")

    # 1. Told within the minute, with the one who is there at once; only a conversation ends the human clock.
    assert (hot.priority, hot.owner.user.name, hot.queue.key) == ("P1", "Ana Ruiz", "elm-calls")
    with harbor.scope():
        receipt = Message.rows().get(lead=hot, purpose="acknowledgement")
    assert (receipt.state, receipt.finished_at) == ("sent", TEN + timedelta(seconds=20))
    assert "We will contact you today by 10:05." in " ".join(mail.outbox[0].body.split())
    assert clock(harbor, hot, "acknowledgement").met_at == TEN + timedelta(seconds=20)
    assert clock(harbor, hot).due_at == TEN + timedelta(minutes=5) and clock(harbor, hot).met_at is None
    assert f'id="row-{hot.id}"' in page(ana, "/queue/?view=mine", at=TEN + timedelta(minutes=1))
    talked = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    four = TEN + timedelta(minutes=4)
    assert ask(ana, "POST", f"/leads/{hot.id}/activities", talked, at=four).status_code == 201
    assert (clock(harbor, hot).met_at, clock(harbor, hot).breached_at) == (four, None)

    # 2. Routine: with the team and nobody in it, promised and due after one o'clock, given out then.
    assert (calm.priority, calm.owner, calm.queue.key, calm.owner_team.key) == ("P3", None, "elm-calls", "elm-calls")
    assert "We will contact you Tuesday from 13:00." in " ".join(mail.outbox[1].body.split())
    assert clock(harbor, calm).due_at == ONE + timedelta(minutes=30) and calm.next_action_at >= ONE
    assert "Given out at 08:30, 13:00, 16:00; urgent ones at once." in page(lena, "/queue/?queue=elm-calls", at=TEN)
    waiting = page(lena, f"/leads/{calm.id}/why/", at=TEN + timedelta(minutes=1))
    assert "Routine leads of Elm Calls are given out at set times" in waiting and "1 Dec 2026, 13:00" in waiting
    harbor.drain(ONE - timedelta(seconds=1))
    assert reload(harbor, calm.id).owner is None
    with harbor.scope():
        assert Escalation.rows().filter(timer__lead=calm, timer__kind="acceptance").earliest("at").at > ONE
    harbor.drain(ONE)
    with harbor.scope():
        task = Task.rows().get(lead=calm, state="open")
        told = TimelineEntry.rows().filter(lead=calm, kind="assigned").latest("at").sentence
        assert not Escalation.rows().filter(timer__lead=calm, done_at__isnull=False).exists()
    assert reload(harbor, calm.id).owner.user.name == "Ana Ruiz"
    assert task.assignee_id == reload(harbor, calm.id).owner_id
    assert told == "Given to Ana Ruiz in the batch of Elm Calls."


@pytest.mark.journey("E-14")
@pytest.mark.row("SL-07")
@pytest.mark.row("SL-10")
def test_a_hot_one_that_nobody_takes_climbs_once_through_a_restart(
    harbor: Tenant, client: Client, client_as: OpenBrowser
) -> None:
    set_availability(harbor, client_as, "eli", Availability.AWAY)
    lead = sent(harbor, client, "imaging", HOT)
    first = lead.owner.user.name
    five, ten, fifteen = (TEN + timedelta(minutes=minutes) for minutes in (5, 10, 15))

    # 4. At 10:05 the owner; then the worker takes the next rung and dies before it did anything.
    harbor.drain(five)
    assert rungs(harbor, lead) == [(five, "alert")]
    with travelling(to=ten):
        taken = outbox.claim(10, organization_id=harbor.organization_id)
    assert "sla.tick" in [each.kind for each in taken]
    harbor.drain(ten)
    assert rungs(harbor, lead) == [(five, "alert")], "the dead worker's lease still holds"
    harbor.drain(ten + outbox.LEASE + timedelta(seconds=1))
    assert rungs(harbor, lead) == [(five, "alert"), (ten, "alert")]
    assert lead.ref in page(client_as("lena"), "/", at=ten + timedelta(minutes=2))

    # The one that starts again does what is due, and what the other had done already not once more.
    for _ in range(2):
        harbor.drain(fifteen)
    assert rungs(harbor, lead) == [(five, "alert"), (ten, "alert"), (fifteen, "reassign")]
    now = reload(harbor, lead.id)
    assert now.owner.user.name != first and now.owner_team.key == "elm-calls"
    with harbor.scope():
        assert Lead.rows().count() == 1
        rows = TimelineEntry.rows().filter(lead=lead, kind="assigned").order_by("at", "id")
        story = list(words_of(rows, "sentence"))
    assert story.count(f"Given to {now.owner.user.name}, because nobody made contact in time.") == 1
