"""Row ST-20 through its doors: a closed lead comes back by a rule or by a person, with a new clock and its owner."""

from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.flows.invariants import breaches
from apps.flows.notes import EDITABLE
from apps.flows.people import deactivate_member
from apps.identity.models import MatchDecision
from apps.leads.models import Closure, Lead, Reopening, StageSpell, Task
from apps.outreach.models import Activity
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.rows.arranging import ask, change_rules, page

PHONE = "+13125550177"
MARIA = {"person__phone": PHONE, "person__email": "maria.again@example.com"}
CLOSING = {"reason": "not_interested", "note": "Went elsewhere.", "outcome": "not_qualified"}
AFTER = TUESDAY_NINE + timedelta(hours=1)


def days(count):
    return TUESDAY_NINE + timedelta(days=count)


def arrive(tenant, at, **changes):
    return processed(tenant, send_in(tenant, inquiry(**MARIA, **changes), at=at), at=at)


@pytest.fixture
def closed(harbor, client_as):
    """A lead of Maria that its owner has closed, with the rule that takes it up again within 30 days."""

    def within_30_days(document):
        for each in document["rules"][:2]:
            each["reopen_days"] = 30

    change_rules(harbor, client_as, "duplicates", within_30_days)
    lead = make_lead(harbor, **MARIA)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    answer = ask(owner, "POST", f"/leads/{lead.id}/close", CLOSING, at=AFTER)
    assert answer.status_code == 200, answer.content
    return lead


@pytest.mark.row("ST-20")
def test_resubmitted_within_30_days_it_reopens_and_its_last_owner_has_it(harbor, client_as, closed):
    before = reload(harbor, closed.id)
    row = arrive(harbor, days(20), request__message="I changed my mind.", consent=[])
    assert (row.lead_id, row.verdict, row.counted_as_delivered) == (closed.id, "resubmit", False)
    lead = reload(harbor, closed.id)
    assert (lead.stage.key, lead.status, lead.closed_at, lead.closure_reason, lead.outcome) == (
        "routed",
        "new",
        None,
        "",
        "",
    )
    assert (lead.owner_id, lead.owner_team_id) == (before.owner_id, before.owner_team_id)
    with harbor.scope():
        assert Lead.rows().count() == 1
        back = Reopening.rows().get(lead=lead)
        assert (back.rule_id, back.owner_policy, back.was_reason) == ("D-1", "last_owner", "not_interested")
        ended = Closure.rows().get(lead=lead)
        assert (ended.reason, ended.disqualification, ended.is_won) == ("not_interested", "not_interested", False)
        clock = SlaTimer.rows().get(lead=lead, kind="first_contact", met_at=None, cancelled_at=None)
        assert clock.started_at >= days(20)
        task = Task.rows().get(lead=lead, state="open")
        assert (task.kind, task.assignee_id) == ("call", before.owner_id) and task.due_at > days(20)
        assert MatchDecision.rows().get(submission_id=row.id).action == "reopen"
        spell = StageSpell.rows().get(lead=lead, ended_at=None)
        assert (spell.stage.key, spell.event) == ("routed", "reopened")
        assert [each.name for each in breaches() if each.name != "I9 outbox"] == []
    shown = page(client_as("lena"), f"/leads/{lead.id}/", at=days(20))
    assert "The earlier inquiry was closed 19 days ago and is taken up again." in shown
    assert "takes it up again" in shown


@pytest.mark.row("ST-20")
def test_after_the_window_or_after_a_visit_the_inquiry_is_a_lead_of_its_own(harbor, closed):
    row = arrive(harbor, days(32))
    assert (row.verdict, row.lead_id == closed.id) == ("resubmit", False)
    assert reload(harbor, closed.id).closed_at is not None


@pytest.mark.row("ST-20")
def test_consent_is_asked_anew_and_never_widened(harbor, client_as, closed):
    ewa = client_as("ewa")
    for channel in ("call", "email", "text"):
        gone = {"channel": channel, "state": "withdrawn"}
        assert ask(ewa, "POST", f"/leads/{closed.id}/consents", gone, at=AFTER).status_code == 201
    row = arrive(harbor, days(9), consent=[])
    assert row.lead_id == closed.id
    lead = reload(harbor, closed.id)
    assert lead.closed_at is None
    with harbor.scope():
        assert not Task.rows().filter(lead=lead, state="open", kind="call").exists()
        assert Task.rows().filter(lead=lead, state="open").exists()
    seen = ask(ewa, "GET", f"/leads/{lead.id}", at=days(9)).json()["consent"]
    assert set(seen.values()) == {"withdrawn"}
    agreed = arrive(harbor, days(10), consent=[consent("email")])
    assert agreed.lead_id == lead.id
    seen = ask(ewa, "GET", f"/leads/{lead.id}", at=days(10)).json()["consent"]
    assert (seen["email"], seen["call"]) == ("granted", "withdrawn")


@pytest.mark.row("ST-20")
def test_whose_owner_left_is_routed_anew_and_a_person_says_why(harbor, client_as, closed):
    name = closed.owner.user.email.partition("@")[0]
    with travelling(to=days(1)), harbor.scope():
        deactivate_member(actor=harbor.actor("ada"), membership_id=closed.owner_id, now=days(1))
    lena, path = client_as("lena"), f"/leads/{closed.id}/reopen"
    assert ask(client_as("ben"), "POST", path, {"reason": "Wants it after all"}, at=days(2)).status_code == 403
    blank = ask(lena, "POST", path, {"reason": " "}, at=days(2))
    assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "/reason")
    shown = page(lena, f"/leads/{closed.id}/reopen/", at=days(2))
    assert "Closed: Not interested" in shown and "Permissions are asked as they stand today" in shown
    answer = ask(lena, "POST", path, {"reason": "She called: wants it after all"}, at=days(2))
    assert (answer.status_code, answer.json()["stage"]) == (200, "routed")
    again = ask(lena, "POST", path, {"reason": "Twice"}, at=days(2))
    assert (again.status_code, again.json()["code"]) == (409, "open")
    lead = reload(harbor, closed.id)
    assert lead.owner is not None and lead.owner.user.email.partition("@")[0] != name
    with harbor.scope():
        assert RoutingDecision.rows().filter(lead=lead, cause="reopened").count() == 1
        assert Reopening.rows().get(lead=lead).owner_policy == "routing"
        assert AuditEntry.rows().filter(action="lead.reopen", object_id=lead.id).count() == 1
        assert not Activity.rows().filter(lead=lead).exists()
        assert lead.outreach_started_at is None


@pytest.mark.row("ST-20")
def test_the_form_and_the_admin_reopen_as_the_api_does(harbor, client_as, closed):
    owner = client_as(closed.owner.user.email.partition("@")[0])
    shown = page(owner, f"/leads/{closed.id}/", at=days(1))
    assert f"/leads/{closed.id}/reopen/" in shown
    with travelling(to=days(1)):
        sent = owner.post(
            f"/leads/{closed.id}/reopen/",
            {"reason": "Called back", "version": reload(harbor, closed.id).version, "idempotency_key": "again-1"},
        )
    assert sent.status_code == 303
    lead = reload(harbor, closed.id)
    assert lead.closed_at is None
    assert "/reopen/" not in page(owner, f"/leads/{lead.id}/", at=days(1))
    again = ask(owner, "POST", f"/leads/{lead.id}/close", CLOSING, at=days(1))
    assert again.status_code == 200
    with harbor.scope():
        role = lead.owner.role
        role.permissions = [*role.permissions, "admin:use"]
        role.save(update_fields=["permissions"])
    now = reload(harbor, lead.id)
    form = {"reopen_reason": "Asked by her doctor", "version": now.version}
    form |= {name: getattr(now, name) for name in EDITABLE}
    with travelling(to=days(2)):
        by_admin = owner.post(f"/admin/leads/lead/{lead.id}/change/", form)
    assert by_admin.status_code == 302, by_admin.content.decode()
    assert reload(harbor, lead.id).closed_at is None
    with harbor.scope():
        assert (Closure.rows().filter(lead=lead).count(), Reopening.rows().filter(lead=lead).count()) == (2, 2)


def test_whoever_sees_an_open_lead_is_shown_no_way_to_reopen_it(harbor, client_as):
    lead = make_lead(harbor)
    for name in ("ewa", "lena", "abe"):
        shown = client_as(name).get(f"/leads/{lead.id}/").content.decode()
        assert "Move stage" in shown and ">Reopen<" not in shown and "/reopen/" not in shown
        assert "This lead is open." not in shown
