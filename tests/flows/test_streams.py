"""Two leads of one person: one is contacted, the other stands back, and at every time exactly one is (row DU-07)."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection

from apps.flows.closing import close_lead
from apps.flows.invariants import breaches
from apps.flows.planning import add_task
from apps.flows.sweeps import sweep
from apps.leads.actions import close_tasks
from apps.leads.models import Lead, Task
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload

PHONE = "+13125550163"
NOON = TUESDAY_NINE + timedelta(hours=3)


@pytest.fixture
def pair(harbor: Tenant) -> tuple[Lead, Lead]:
    """A lead that is contacted and one of the same person that stands back."""
    first = make_lead(harbor, person__phone=PHONE)
    at = TUESDAY_NINE + timedelta(minutes=3)
    second = make_lead(harbor, at=at, person__phone=PHONE, request__service="bariatrics", request__location="oak-park")
    assert reload(harbor, second.id).shares_stream_with_id == first.id
    return first, second


def by_owner(harbor, client_as, lead, path, body, at=NOON):
    """Let the lead's owner ask the API for something on it."""
    with harbor.scope():
        name = Lead.rows().select_related("owner__user").get(id=lead.id).owner.user.email.partition("@")[0]
    with travelling(to=at):
        answer = ask(client_as(name), "POST", f"/leads/{lead.id}/{path}", body)
    assert answer.status_code in (200, 201), answer.content
    return answer


def standing(harbor: Tenant, lead: Lead) -> set[tuple[str, str]]:
    """Return what is open on a lead or waits, after the invariants were asked."""
    with harbor.scope():
        assert not [each for each in breaches() if each.check.startswith("DU-07")]
        rows = Task.rows().filter(lead_id=lead.id, state__in=["open", "suppressed"])
        return set(rows.values_list("kind", "state"))


@pytest.mark.row("DU-07")
def test_the_lead_that_stood_back_goes_on_when_the_other_ends(harbor: Tenant) -> None:
    phone = "+13125550163"
    first = make_lead(harbor, person__phone=phone)
    second = make_lead(harbor, person__phone=phone, request__service="bariatrics", request__location="oak-park")
    with harbor.scope():
        waiting = Task.rows().get(lead=second, kind="call")
        assert waiting.state == "suppressed"
        assert Task.rows().get(lead=second, state="open").kind == "coordinate"
        owner = harbor.actor(first.owner.user.email.partition("@")[0])
        now = TUESDAY_NINE + timedelta(hours=1)
        close_lead(
            actor=owner,
            lead_id=first.id,
            reason="not_interested",
            note="Has found another clinic.",
            outcome="not_qualified",
            now=now,
        )
    with harbor.scope():
        woken = Task.rows().get(id=waiting.id)
        assert (woken.state, woken.due_at >= now) == ("open", True)
        lead = Lead.rows().get(id=second.id)
        assert (lead.shares_stream_with_id, lead.next_action_at) == (None, woken.due_at)


@pytest.mark.row("DU-07")
def test_a_transferred_lead_keeps_the_outreach_until_its_take_over_is_done(harbor, client_as, pair):
    first, second = pair
    by_owner(harbor, client_as, first, "transfers", {"team": "central-intake", "reason": "Asks for a knee"})
    assert standing(harbor, first) == {("follow_up", "open")}
    assert standing(harbor, second) == {("call", "suppressed"), ("coordinate", "open")}
    planned = {"title": "Call her at work", "due_at": "2026-12-02T16:00:00Z", "channel": "call"}
    by_owner(harbor, client_as, second, "tasks", planned)
    assert standing(harbor, second) == {("call", "suppressed"), ("coordinate", "open")}
    with harbor.scope():
        look = Task.rows().get(lead=second, kind="coordinate", state="open")
        take_over = Task.rows().get(lead=first, kind="follow_up", state="open")
        ewa = harbor.actor("ewa")
        due_at = NOON + timedelta(days=3)
        add_task(actor=ewa, lead_id=first.id, title="Ask the practice for records", due_at=due_at, now=NOON)
    assert look.title.startswith(f"Being contacted by Central Intake for {first.ref}")
    with travelling(to=NOON):
        done = ask(client_as("ewa"), "PATCH", f"/leads/{first.id}/tasks/{take_over.id}", {"state": "done"})
    assert done.status_code == 200, done.content
    assert standing(harbor, second) == {("call", "open")}
    assert reload(harbor, second.id).shares_stream_with_id is None


@pytest.mark.row("DU-07")
def test_a_lead_that_stands_back_is_transferred_with_what_it_waits_for(harbor, client_as, pair):
    first, second = pair
    by_owner(harbor, client_as, second, "transfers", {"team": "central-intake", "reason": "Asks in Spanish"})
    assert standing(harbor, second) == {("call", "suppressed"), ("coordinate", "open"), ("follow_up", "open")}
    with harbor.scope():
        teams = set(Task.rows().filter(lead=second, state="suppressed").values_list("team__key", flat=True))
    assert teams == {"central-intake"}
    closing = {"reason": "not_interested", "outcome": "not_qualified", "note": "Went elsewhere"}
    by_owner(harbor, client_as, first, "close", closing)
    assert standing(harbor, second) == {("call", "open"), ("follow_up", "open")}


@pytest.mark.row("DU-07")
def test_a_lead_put_to_nurture_leaves_the_outreach_to_the_one_that_waits_and_rests_on(harbor, client_as, pair):
    first, second = pair
    by_owner(harbor, client_as, first, "stage", {"to": "nurture", "reason": "Not before spring"})
    assert standing(harbor, second) == {("call", "open")}
    assert standing(harbor, first) == {("nurture", "open")}
    assert [reload(harbor, each.id).shares_stream_with_id for each in pair] == [None, None]
    closing = {"reason": "not_interested", "outcome": "not_qualified", "note": "Went elsewhere"}
    by_owner(harbor, client_as, second, "close", closing, at=NOON + timedelta(hours=1))
    assert standing(harbor, first) == {("nurture", "open")}


@pytest.mark.row("DU-07")
def test_a_new_lead_does_not_wait_for_one_in_nurture(harbor, client_as):
    first = make_lead(harbor, person__phone=PHONE)
    by_owner(harbor, client_as, first, "stage", {"to": "nurture", "reason": "Not before spring"})
    second = make_lead(
        harbor, at=NOON, person__phone=PHONE, request__service="bariatrics", request__location="oak-park"
    )
    assert standing(harbor, second) == {("call", "open")}
    assert standing(harbor, first) == {("nurture", "open")}


@pytest.mark.row("DU-07")
def test_after_a_refusal_of_calls_one_of_two_writes_and_then_the_other(harbor, client_as):
    allowed = [consent("call"), consent("email")]
    first = make_lead(harbor, person__phone=PHONE, person__email="maria.lopez@example.com", consent=allowed)
    asked = {"request__service": "bariatrics", "request__location": "oak-park"}
    second = make_lead(harbor, person__phone=PHONE, consent=allowed, **asked)
    by_owner(harbor, client_as, second, "consents", {"channel": "call", "state": "withdrawn", "reason": "said so"})
    assert standing(harbor, first) == {("email", "open")}
    assert standing(harbor, second) == {("coordinate", "open")}
    closing = {"reason": "not_interested", "outcome": "not_qualified", "note": "Went elsewhere"}
    by_owner(harbor, client_as, first, "close", closing)
    assert standing(harbor, second) == {("email", "open")}


@pytest.mark.row("DU-07")
def test_of_two_who_plan_at_once_on_two_leads_of_a_person_one_reaches_out(harbor: Tenant) -> None:
    first = make_lead(harbor, person__phone=PHONE)
    second = make_lead(harbor, person__phone=PHONE, request__service="bariatrics", request__location="oak-park")
    for turn in range(4):
        with harbor.scope():
            for lead in Lead.rows().filter(id__in=[first.id, second.id]):
                close_tasks(lead, because="test", now=NOON)
            Lead.rows().update(shares_stream_with=None)
        barrier, failed = Barrier(2), list[BaseException]()

        def plan(lead_id: UUID, name: str, barrier: Barrier = barrier, failed: list[BaseException] = failed) -> None:
            try:
                with harbor.scope():
                    actor = harbor.actor(name)
                    barrier.wait()
                    due_at = NOON + timedelta(days=1)
                    add_task(actor=actor, lead_id=lead_id, title="Call", channel="call", due_at=due_at, now=NOON)
            except BaseException as error:
                failed.append(error)
            finally:
                connection.close()

        with harbor.scope():
            owners = [
                (each.id, Lead.rows().select_related("owner__user").get(id=each.id).owner.user.email.partition("@")[0])
                for each in (first, second)
            ]
        threads = [Thread(target=plan, args=pair) for pair in owners]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert not failed
        kinds = sorted([*standing(harbor, first), *standing(harbor, second)])
        assert kinds == [("call", "open"), ("call", "suppressed"), ("coordinate", "open")], turn


@pytest.mark.row("DU-07")
def test_the_safety_net_lets_go_on_who_waits_for_nobody(harbor: Tenant, pair: tuple[Lead, Lead]) -> None:
    first, second = pair
    with harbor.scope():
        Task.rows().filter(lead=first, kind="call").update(kind="review")
        assert [each.rows for each in breaches() if each.check == "DU-07 waiting"] == [(str(second.id),)]
        assert sweep(harbor.organization_id, NOON) == 1
    assert standing(harbor, second) == {("call", "open")}
    with harbor.scope():
        assert sweep(harbor.organization_id, NOON) == 0
