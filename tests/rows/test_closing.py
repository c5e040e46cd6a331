"""How leads end, through the doors: rows ST-11, ST-12, ST-13, ST-14."""

import json
from datetime import timedelta

import pytest

from apps.leads.models import Closure, Lead, Pipeline
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page

DAY = timedelta(days=1)
SOON = TUESDAY_NINE + timedelta(minutes=12)
UNREACHED = {"reason": "unable_to_reach", "note": "Nobody ever picks up.", "outcome": "no_response"}


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


@pytest.fixture
def owner(lead, client_as):
    return client_as(lead.owner.user.email.partition("@")[0])


def tried(owner, lead, at, kind="call"):
    """Log an attempt that reached nobody."""
    body = {"kind": kind, "outcome": "no_answer" if kind == "call" else "sent"}
    body["next_action_at"] = (at + DAY).isoformat()
    answer = ask(owner, "POST", f"/leads/{lead.id}/activities", body, at=at)
    assert answer.status_code == 201, answer.content


def close(owner, lead, at, **said):
    return ask(owner, "POST", f"/leads/{lead.id}/close", said, at=at)


def codes(answer):
    assert answer.status_code == 422, answer.content
    return [each["code"] for each in answer.json()["errors"]]


@pytest.mark.row("ST-11")
def test_no_response_without_an_attempt_is_refused_and_an_outcome_needs_its_record(harbor, lead, owner):
    said = {"reason": "no_response", "note": "No answer.", "outcome": "no_response"}
    assert codes(close(owner, lead, SOON, **said)) == ["attempts_missing", "outcome_unproven"]
    booked = {"reason": "booked_elsewhere", "note": "Found a date.", "outcome": "booked"}
    refused = close(owner, lead, SOON, **booked)
    assert codes(refused) == ["outcome_unproven"]
    assert "“Booked” needs a booked visit on record" in refused.json()["detail"]
    assert codes(close(owner, lead, SOON, **booked | {"outcome": "lost"})) == ["unknown_outcome"]
    assert codes(close(owner, lead, SOON, reason="no_response", note=" ")) == [
        "attempts_missing",
        "note_missing",
        "outcome_missing",
    ]
    tried(owner, lead, SOON)
    assert close(owner, lead, SOON + timedelta(hours=1), **said).status_code == 200
    with harbor.scope():
        ended = Closure.rows().get(lead=lead)
    assert (ended.proof, ended.disqualification) == ("1 of 1 attempts, 1 of 1 days", "no_response")


@pytest.mark.row("ST-13")
def test_unable_to_reach_is_refused_after_four_attempts_and_allowed_after_five(harbor, lead, owner):
    for day, kind in enumerate(("call", "email", "call")):
        tried(owner, lead, SOON + day * DAY, kind)
    tried(owner, lead, SOON + 2 * DAY + timedelta(hours=4))
    # Saturday: an attempt, and no business day.
    weekend = SOON + 4 * DAY
    refused = close(owner, lead, weekend, **UNREACHED)
    assert codes(refused) == ["attempts_missing"]
    assert "4 of 5 attempts, 3 of 5 days, 2 of 2 channels" in refused.json()["detail"]
    form = page(owner, f"/leads/{lead.id}/close/", at=weekend)
    assert "4 of 5 attempts, 3 of 5 days" in form
    tried(owner, lead, weekend)
    assert "5 of 5 attempts, 3 of 5 days" in close(owner, lead, weekend, **UNREACHED).json()["detail"]
    for day in (6, 7):
        tried(owner, lead, SOON + day * DAY)
    assert close(owner, lead, SOON + 7 * DAY, **UNREACHED).status_code == 200
    assert reload(harbor, lead.id).closure_reason == "unable_to_reach"


@pytest.mark.row("ST-14")
def test_without_an_outcome_the_missing_data_has_a_documented_reason(harbor, lead, owner):
    said = {"reason": "booked_elsewhere", "note": "Was sent to the partner."}
    assert codes(close(owner, lead, SOON, **said)) == ["outcome_missing"]
    assert codes(close(owner, lead, SOON, **said, missing_data="lost the letter")) == ["unknown_missing_data"]
    form = page(owner, f"/leads/{lead.id}/close/", at=SOON)
    assert "EHR result not received" in form
    assert close(owner, lead, SOON, **said, missing_data="ehr_not_received").status_code == 200
    with harbor.scope():
        ended = Closure.rows().get(lead=lead)
    assert (ended.outcome, ended.missing_data) == ("", "ehr_not_received")
    shown = page(owner, f"/leads/{lead.id}/", at=SOON)
    assert "No outcome on record: EHR result not received." in shown


@pytest.mark.row("ST-12")
def test_a_recruitment_lead_offers_only_its_three_reasons(harbor, client_as):
    lead = make_lead(harbor, lead_class="recruitment")
    assert lead.owner_team.key == "recruiting"
    raj = client_as("raj")
    form = page(raj, f"/leads/{lead.id}/close/", at=SOON)
    offered = [part.partition('"')[0] for part in form.split('name="reason" value="')[1:]]
    assert offered == ["interview_completed", "withdrawn_interest", "not_a_fit"]
    assert "Interview completed" in form and "Won" in form
    foreign = close(raj, lead, SOON, reason="no_response", note="Silent.", outcome="unsuitable")
    assert "unknown_reason" in codes(foreign)
    early = close(raj, lead, SOON, reason="interview_completed", note="Done.", outcome="interviewed")
    assert codes(early) == ["proof_missing", "outcome_unproven"]
    held = {"kind": "meeting", "outcome": "held", "notes": "Interview.", "next_action_at": (SOON + DAY).isoformat()}
    assert ask(raj, "POST", f"/leads/{lead.id}/activities", held, at=SOON).status_code == 201
    ends = close(raj, lead, SOON + DAY, reason="interview_completed", note="Done.", outcome="interviewed")
    assert ends.status_code == 200
    with harbor.scope():
        assert Closure.rows().get(lead=lead).is_won is True


@pytest.mark.row("ST-12")
def test_an_administrator_says_in_a_form_how_leads_may_end(harbor, client_as):
    with harbor.scope():
        pipeline = Pipeline.rows().get(key="partnership")
        stages = list(pipeline.stages.all())
    path, ada = f"/admin/leads/pipeline/{pipeline.id}/change/", client_as("ada")
    shown = ada.get(path).content.decode()
    assert 'name="closure_reasons-0-label"' in shown and 'value="Meeting completed"' in shown
    body = {"name": pipeline.name, "person_word": pipeline.person_word, "outcomes": "[]", "missing_data_reasons": "[]"}
    body |= {"stages-TOTAL_FORMS": len(stages), "stages-INITIAL_FORMS": len(stages)}
    for place, row in enumerate(stages):
        cells = {"position": place, "key": row.key, "label": row.label, "next_actions": json.dumps(row.next_actions)}
        cells |= {"pipeline": pipeline.id, "id": row.id, "is_open": "on" if row.is_open else ""}
        body |= {f"stages-{place}-{name}": value for name, value in cells.items()}
    rows = [
        {"key": "meeting_completed", "label": "Meeting completed", "won": "on", "needs": "meeting"},
        {"key": "no_response", "label": "No response", "needs": "attempts", "attempts": "3", "days": "2"},
    ]
    for place, row in enumerate(rows):
        body |= {f"closure_reasons-{place}-{name}": value for name, value in row.items()}
    wrong = ada.post(path, body | {"closure_reasons-1-attempts": "many"})
    assert wrong.status_code == 422 and "A whole number from 1 to 50." in wrong.content.decode()
    saved = ada.post(path, body)
    assert saved.status_code == 302, saved.content.decode()
    with harbor.scope():
        pipeline.refresh_from_db()
        assert pipeline.closure_reasons == [
            {"key": "meeting_completed", "label": "Meeting completed", "won": True, "needs": "meeting"},
            {"key": "no_response", "label": "No response", "needs": "attempts", "attempts": 3, "days": 2},
        ]
        assert Lead.rows().count() == 0
