"""A person's verdict on a lead through the doors: rows QL-04, QL-06, QL-08, QL-09, QL-10, QL-17."""

from datetime import timedelta

import pytest

from apps.leads.models import Closure, Lead, Task
from apps.outreach.models import Message
from apps.qualification.models import Qualification, Verification
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page
from tests.words import the_one_saying

#: 10:20 on Tuesday in Chicago.
CALLED = TUESDAY_NINE + timedelta(minutes=80)
NEXT_WEEK = "2026-12-08T16:00:00Z"
CONNECTED = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
ANSWERS = {"V-1": "imaging", "V-2": "has a referral", "V-3": "yes", "V-4": "first visit"}
GOOD = {"verdict": "qualified", "reason": "Dermatology interest and Elm location match"}


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


@pytest.fixture
def say(lead, client_as):
    """Post something of the lead as its owner: `say("qualification", {...})`."""
    owner = client_as(lead.owner.user.email.partition("@")[0])

    def post(part, body, at=CALLED, by=owner):
        return ask(by, "POST", f"/leads/{lead.id}/{part}", body, at=at)

    return post


def codes(answer):
    assert answer.status_code == 422, answer.content
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


@pytest.mark.row("QL-04")
def test_qualified_without_a_verification_call_is_refused_on_every_door(harbor, lead, say, client_as):
    early = say("verification", {"answers": ANSWERS})
    assert (early.status_code, early.json()["code"]) == (409, "no_conversation")
    assert say("activities", CONNECTED).status_code == 201
    for part, body in (("qualification", GOOD), ("stage", {"to": "qualified", "reason": GOOD["reason"]})):
        refused = say(part, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "event_missing")
        assert "Verification was completed" in refused.json()["detail"]
    assert say("verification", {"answers": ANSWERS | {"V-3": "not sure"}}).status_code == 201
    assert codes(say("qualification", GOOD)) == [("/verification", "not_eligible")]
    assert say("verification", {"answers": ANSWERS}).status_code == 201
    assert say("qualification", GOOD).json()["stage"] == "qualified"
    assert reload(harbor, lead.id).outcome == "qualified"


@pytest.mark.row("QL-08")
def test_a_reason_is_tied_to_a_criterion(harbor, lead, say):
    assert say("activities", CONNECTED).status_code == 201
    assert say("verification", {"answers": ANSWERS}).status_code == 201
    assert codes(say("qualification", GOOD | {"reason": "good"})) == [("/reason", "reason_too_short")]
    assert codes(say("stage", {"to": "qualified", "reason": "good"})) == [("/reason", "reason_too_short")]
    vague = say("qualification", GOOD | {"reason": "A really nice person"})
    assert codes(vague) == [("/criteria", "criterion_missing")]
    assert codes(say("qualification", {"verdict": "disqualified", "reason": "good"}))[0][1] == "reason_too_short"
    assert say("qualification", GOOD).status_code == 200
    with harbor.scope():
        row = Qualification.rows().get(lead=lead)
    assert (row.verdict, row.reason, row.criteria) == ("qualified", GOOD["reason"], ["location"])
    assert row.verification_id is not None and row.actor_label == lead.owner.user.name


@pytest.mark.row("QL-10")
def test_four_answers_are_stored_and_the_lead_says_who_verified_when(harbor, client_as):
    lead = make_lead(harbor)
    ewa = client_as("ewa")
    moved = ask(ewa, "POST", f"/leads/{lead.id}/transfers", {"team": "central-intake", "reason": "Ours"}, at=CALLED)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert moved.status_code == 403
    moved = ask(owner, "POST", f"/leads/{lead.id}/transfers", {"team": "central-intake", "reason": "Theirs"}, at=CALLED)
    assert moved.status_code == 201
    assert ask(ewa, "POST", f"/leads/{lead.id}/activities", CONNECTED, at=CALLED).status_code == 201
    form = page(ewa, f"/leads/{lead.id}/verify/", at=CALLED)
    for asked in (
        "What would you like to be seen for?",
        "referral",
        "conditions of this service",
        "kind of appointment",
    ):
        assert asked in form
    sent = {"V-1": "imaging", "V-2": "has a referral", "V-3": "", "V-4": "first visit"}
    sent |= {"version": reload(harbor, lead.id).version, "idempotency_key": "verify-1"}
    with travelling(to=CALLED):
        assert ewa.post(f"/leads/{lead.id}/verify/", sent).status_code == 422
        saved = ewa.post(f"/leads/{lead.id}/verify/", sent | {"V-3": "yes"})
    assert saved.status_code == 303, saved.content.decode()
    with harbor.scope():
        row = Verification.rows().get(lead=lead)
    assert row.answers == {
        "service": "imaging",
        "referral_status": "has_referral",
        "eligibility": "met",
        "appointment_type": "first_visit",
    }
    assert "verified 10:20 by Ewa" in page(ewa, f"/leads/{lead.id}/", at=CALLED)


@pytest.mark.row("QL-06")
def test_ana_cannot_qualify_a_recruitment_lead(harbor, client_as):
    lead, raj, ana = make_lead(harbor, lead_class="recruitment"), client_as("raj"), client_as("ana")
    verdict = {"verdict": "qualified", "reason": "Service and location fit the candidate"}
    away = ask(ana, "POST", f"/leads/{lead.id}/qualification", verdict, at=CALLED)
    assert (away.status_code, away.json()["code"]) == (403, "locked_by_owner")
    to_elm = {"team": "elm-calls", "reason": "Help out"}
    for path, sent in (("activities", CONNECTED), ("transfers", to_elm)):
        done = ask(raj, "POST", f"/leads/{lead.id}/{path}", sent, at=CALLED)
        assert done.status_code == 201, done.content
    refused = ask(ana, "POST", f"/leads/{lead.id}/qualification", verdict, at=CALLED)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_by_goal")
    assert "decided by recruiting" in refused.json()["detail"]
    with harbor.scope():
        assert not Qualification.rows().filter(lead=lead).exists()


@pytest.mark.row("QL-09")
def test_follow_up_needs_a_dated_next_step(harbor, lead, say):
    assert say("activities", CONNECTED).status_code == 201
    later = {"verdict": "nurture", "reason": "No timeline yet, asks again in spring"}
    missing = [("/next_step", "next_step_missing"), ("/next_step_at", "next_step_date_missing")]
    assert codes(say("qualification", later)) == missing
    assert say("verification", {"answers": ANSWERS}).status_code == 201
    flagged = GOOD | {"flags": ["Insurance not checked yet"]}
    assert codes(say("qualification", flagged)) == missing
    assert codes(say("qualification", GOOD | {"needs_follow_up": True})) == missing
    step = {"next_step": "Check the insurance", "next_step_at": NEXT_WEEK}
    assert say("qualification", flagged | step).json()["stage"] == "qualified"
    with harbor.scope():
        row = Qualification.rows().get(lead=lead)
        assert (row.flags, row.next_step) == (["Insurance not checked yet"], "Check the insurance")
        task = the_one_saying(Task.rows().filter(lead=lead, state="open"), title="Check the insurance")
    assert task.due_at == row.next_step_at


@pytest.mark.row("QL-17")
def test_what_is_not_qualified_ends_with_a_reason_of_the_fixed_list(harbor, lead, say, client_as):
    said = {"verdict": "disqualified", "reason": "Lives in Ohio, no office near"}
    assert codes(say("qualification", said)) == [("/disqualification", "disqualification_missing")]
    assert say("qualification", said | {"disqualification": "ugly"}).status_code == 422
    tried = say("qualification", said | {"disqualification": "no_response"})
    assert codes(tried) == [("/disqualification", "attempts_missing")]
    assert codes(say("stage", {"to": "not_qualified", "reason": said["reason"]}))[0][0] == "/disqualification"
    ended = say("qualification", said | {"disqualification": "out_of_area"})
    assert (ended.status_code, ended.json()["stage"], ended.json()["status"]) == (200, "not_qualified", "closed")
    row = reload(harbor, lead.id)
    assert (row.closed_at, row.closure_reason, row.outcome) == (CALLED, "out_of_area", "not_qualified")
    with harbor.scope():
        assert Closure.rows().get(lead=lead).disqualification == "out_of_area"
        assert not Task.rows().filter(lead=lead, state__in=["open", "suppressed"]).exists()
        assert not SlaTimer.rows().filter(lead=lead, met_at=None, cancelled_at=None).exists()
        assert not Message.rows().filter(lead=lead, state="pending").exists()
        assert not Lead.rows().filter(id=lead.id, closed_at__isnull=True).exists()
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert f"lead-{lead.ref}" not in page(owner, "/queue/", at=CALLED)
    assert "Out of area" in page(owner, f"/leads/{lead.id}/", at=CALLED)
    back = ask(owner, "POST", f"/leads/{lead.id}/reopen", {"reason": "Moved to Chicago"}, at=CALLED)
    assert (back.status_code, back.json()["stage"]) == (200, "routed")


def test_a_candidate_who_does_not_fit_is_closed_where_no_such_stage_is(harbor, client_as):
    lead, raj = make_lead(harbor, lead_class="recruitment"), client_as("raj")
    said = {
        "verdict": "disqualified",
        "reason": "Wants another service line",
        "disqualification": "eligibility_not_met",
    }
    ended = ask(raj, "POST", f"/leads/{lead.id}/qualification", said, at=CALLED)
    assert (ended.status_code, ended.json()["stage"]) == (200, "closed")
    row = reload(harbor, lead.id)
    assert (row.closure_reason, row.outcome) == ("not_a_fit", "unsuitable")


def test_the_form_proposes_a_sentence_and_decides(harbor, lead, say, client_as):
    assert say("activities", CONNECTED).status_code == 201
    assert say("verification", {"answers": ANSWERS}).status_code == 201
    owner = client_as(lead.owner.user.email.partition("@")[0])
    form = page(owner, f"/leads/{lead.id}/qualify/", at=CALLED)
    assert "a score suggests, it never decides" in form and "MRI" in form or "Imaging" in form
    sent = {"verdict": "qualified", "criteria": ["service"], "reason": "Imaging at Elm St, within week"}
    sent |= {"version": reload(harbor, lead.id).version, "idempotency_key": "qualify-1"}
    with travelling(to=CALLED):
        saved = owner.post(f"/leads/{lead.id}/qualify/", sent)
    assert saved.status_code == 303, saved.content.decode()
    assert reload(harbor, lead.id).stage.key == "qualified"
