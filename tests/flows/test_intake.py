"""One lead's way through the intake: identity, permission, score, route, owner, clock, next action."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from apps.leads.models import Lead, Person, Task, TimelineEntry, Touch
from apps.outreach.models import Message
from apps.ownership.models import LeadTeamGrant, Spell
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in


def test_a_complete_inquiry_gets_all_that_a_lead_needs(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    assert (lead.stage.key, lead.status, lead.owner_team.key) == ("routed", "new", "elm-calls")
    assert lead.owner is not None
    with harbor.scope():
        spell = Spell.rows().get(lead=lead)
        assert spell.started_at == TUESDAY_NINE == lead.ownership_started_at
        assert LeadTeamGrant.rows().filter(content_object=lead).count() == 4
        task = Task.rows().get(lead=lead)
        assert (task.kind, task.assignee_id, task.due_at) == ("call", lead.owner_id, lead.next_action_at)
        decision = RoutingDecision.rows().get(lead=lead)
        assert decision.rule_id and decision.version is not None
        assert {timer.kind for timer in SlaTimer.rows().filter(lead=lead)} == {"acknowledgement", "first_contact"}
        assert TimelineEntry.rows().filter(lead=lead, kind="captured").count() == 1
        assert Message.rows().get(lead=lead).state == "sent"


@pytest.mark.row("DU-08")
def test_ten_parallel_posts_of_one_person_give_one_lead_with_ten_touches(harbor: Tenant) -> None:
    bodies = [inquiry(person__phone="+13125550177", person__email=f"m{n}@example.com") for n in range(10)]
    together = Barrier(10, timeout=60)

    def post(body: dict[str, Any]) -> int:
        try:
            with travelling(to=TUESDAY_NINE):
                together.wait()
                return Api(harbor.keys["bp-1"]).post("/leads", body).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(post, bodies)) == [202] * 10

    def work() -> None:
        try:
            harbor.drain(TUESDAY_NINE)
        finally:
            connections.close_all()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    harbor.drain(TUESDAY_NINE + timedelta(minutes=1))
    with harbor.scope():
        assert Lead.rows().count() == 1
        assert Person.rows().count() == 1
        assert Touch.rows().count() == 10
        assert Task.rows().filter(state="open").count() == 1
        assert Message.rows().filter(purpose="acknowledgement").count() == 1


@pytest.mark.row("DU-03")
def test_same_phone_merges_within_72_hours_and_links_after(harbor: Tenant) -> None:
    lead = make_lead(harbor, person__phone="+13125550178")
    inside = TUESDAY_NINE + timedelta(hours=71)
    again = processed(harbor, send_in(harbor, inquiry(person__phone="(312) 555-0178"), at=inside), at=inside)
    assert (again.verdict, again.lead_id) == ("duplicate", lead.id)
    outside = inside + timedelta(hours=73)
    later = processed(harbor, send_in(harbor, inquiry(person__phone="312.555.0178"), at=outside), at=outside)
    assert later.lead_id != lead.id
    with harbor.scope():
        linked = Lead.rows().get(id=later.lead_id)
        assert (linked.related_to_id, linked.person_id) == (lead.id, lead.person_id)


def test_two_people_behind_one_phone_stay_two(harbor: Tenant) -> None:
    first = make_lead(harbor, person__phone="+13125550179", person__first_name="Maria")
    second = make_lead(harbor, person__phone="+13125550179", person__first_name="Carlos", person__email="c@example.com")
    assert first.person_id != second.person_id


@pytest.mark.row("VQ-03")
def test_missing_consent_holds_the_lead_with_a_task_to_obtain_it(harbor: Tenant) -> None:
    lead = make_lead(harbor, consent=[])
    assert (lead.validity, lead.status, lead.stage.key) == ("held", "held", "new")
    with harbor.scope():
        task = Task.rows().get(lead=lead)
        assert task.kind == "obtain_consent"
        assert SlaTimer.rows().filter(lead=lead, met_at__isnull=True).exists()
        assert not Message.rows().exists()


def test_a_held_lead_goes_on_when_consent_arrives(harbor: Tenant) -> None:
    held = make_lead(harbor, consent=[], person__phone="+13125550180")
    later = TUESDAY_NINE + timedelta(minutes=10)
    body = inquiry(person__phone="+13125550180", consent=[consent("call")])
    row = processed(harbor, send_in(harbor, body, at=later), at=later)
    lead = reload(harbor, held.id)
    assert (row.lead_id, lead.validity, lead.stage.key) == (held.id, "valid", "routed")


@pytest.mark.row("ST-05")
def test_missing_preferred_method_is_not_routed_but_owned(harbor: Tenant) -> None:
    lead = make_lead(harbor, request__preferred_channel="")
    assert lead.stage.key == "new"
    assert lead.exception == "preferred_channel_missing"
    assert lead.queue.key == "general-intake"


@pytest.mark.row("HC-03")
def test_friday_evening_lead_is_due_on_monday_and_goes_to_the_day_queue(harbor: Tenant) -> None:
    friday_seven = TUESDAY_NINE + timedelta(days=3, hours=10)
    lead = make_lead(harbor, at=friday_seven)
    assert lead.queue.key == "after-hours-intake"
    monday_eight = TUESDAY_NINE + timedelta(days=6, hours=-1)
    with harbor.scope():
        due_at = Task.rows().get(lead=lead).due_at
        target = SlaTimer.rows().get(lead=lead, kind="first_contact").due_at
    assert due_at == target == monday_eight + timedelta(minutes=5)
    harbor.drain(monday_eight + timedelta(seconds=1))
    lead = reload(harbor, lead.id)
    assert lead.queue.key == "elm-calls"
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").team_id == lead.owner_team_id


@pytest.mark.row("EX-14")
def test_a_rule_that_fails_costs_no_lead_its_owner(harbor: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.routing import actions

    choose, calls = actions.choose, []

    def broken(facts, document, *rest, **more):  # type: ignore[no-untyped-def]
        calls.append(document)
        if len(calls) == 1:
            raise RuntimeError("a rule broke")
        return choose(facts, document, *rest, **more)

    monkeypatch.setattr(actions, "choose", broken)
    lead = make_lead(harbor)
    assert (lead.queue.key, lead.owner_team.key) == ("general-intake", "central-intake")
