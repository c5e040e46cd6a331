"""What weighs in a score, through the doors: signs of fit and intent, coverage, engagement, a person's own word."""

from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.leads.models import TimelineEntry
from apps.qualification.models import ScoreResult
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.rows.arranging import ask, change_rules, draft_rules, page
from tests.words import words_of

LATER = TUESDAY_NINE + timedelta(minutes=10)


def lines_of(tenant, lead, part):
    """Return rule and points of the score that holds."""
    with tenant.scope():
        row = ScoreResult.rows().filter(lead=lead).order_by("-scored_at", "-id").first()
        return {each["rule_id"]: each["points"] for each in row.verdict[part]["lines"]}


def points(key, amount, field, op, value=None):
    """Return a scoring rule."""
    when = {"field": field, "op": op} | ({} if value is None else {"value": value})
    return {"id": key, "meaning": f"As the row asks: {key}", "points": amount, "when": when}


def weigh_signs(document):
    """Let fit and intent rest on what SC-02 and SC-03 name."""
    document["fit"]["rules"] = [
        points("offered", 30, "service_offered", "is", True),
        points("near", 15, "nearest_km", "at_most", 10),
        points("age", 10, "age_fits", "is", True),
        points("open", 3, "location_available", "is", True),
        points("verified", 15, "coverage", "is", "verified"),
    ]
    document["intent"]["rules"] = [
        points("procedure", 15, "names_procedure", "is", True),
        points("deadline", 20, "deadline_days", "at_most", 365),
        points("link", 10, "used_scheduling_link", "is", True),
        points("answered", 5, "has_replied", "is", True),
        points("deep", 5, "form_depth", "at_least", 5),
        points("talked", 7, "minutes_to_talk", "at_most", 30),
    ]


@pytest.mark.row("SC-02")
@pytest.mark.row("SC-03")
@pytest.mark.row("SC-04")
@pytest.mark.row("SC-15")
def test_signs_weigh_an_eligibility_answer_raises_and_a_scheduling_link_counts_once(harbor, client_as):
    change_rules(harbor, client_as, "scoring", weigh_signs)
    lead = make_lead(harbor, request__message="MRI before surgery 12 June", person__date_of_birth="1980-05-01")
    assert lines_of(harbor, lead, "fit") == {"offered": 30, "near": 15, "age": 10, "open": 3}
    assert lines_of(harbor, lead, "intent") == {"procedure": 15, "deadline": 20, "deep": 5}
    ewa, path = client_as("ewa"), f"/leads/{lead.id}"
    told = {"answer": "verified", "plan": "PPO", "reference": "E-1"}
    assert ask(ewa, "POST", f"{path}/coverage", told, at=LATER).status_code == 201
    link = {"kind": "scheduling_link", "reference": "slot-1"}
    for is_new in (True, False):
        answer = ask(ewa, "POST", f"{path}/engagement", link, at=LATER)
        assert (answer.status_code, answer.json()["is_new"]) == (201, is_new)
    harbor.drain(at=LATER)
    assert lines_of(harbor, lead, "fit")["verified"] == 15 and lines_of(harbor, lead, "intent")["link"] == 10
    seen = ask(ewa, "GET", f"{path}/why", at=LATER).json()["scores"]
    assert [(each["fit"], each["intent"]) for each in seen] == [(73, 50), (58, 40)]
    html = page(ewa, f"{path}/", at=LATER)
    assert "The scheduling link was used" in html and "The insurer answered: covered" in html


@pytest.mark.row("SC-08")
def test_an_urgent_low_scorer_is_on_top_and_a_persons_priority_stands(harbor, client_as):
    def heed_pain(document):
        layer = next(each for each in document["layers"] if each["key"] == "urgency")
        when = {"field": "message_words", "op": "contains_word", "value": ["severe pain"]}
        pain = {"id": "R-19", "name": "Severe pain", "meaning": "Pain first.", "when": when, "then": {"priority": "P1"}}
        layer["rules"].insert(0, pain)

    change_rules(harbor, client_as, "routing", heed_pain)
    slow = {"request__timeframe": "later", "request__preferred_channel": "email", "consent": [consent("email")]}
    slow |= {"source": "landing-pages"}
    easy = make_lead(harbor, **slow)
    pained = make_lead(harbor, **slow, request__location="", request__message="severe pain in my knee")
    assert pained.priority == "P1" and pained.fit + pained.intent < easy.fit + easy.intent
    assert pained.due_at < easy.due_at
    owner = client_as(easy.owner.user.email.partition("@")[0]) if easy.owner else client_as("ewa")
    path = f"/leads/{easy.id}"
    assert ask(owner, "POST", f"{path}/priority", {"priority": "P1", "reason": " "}, at=LATER).status_code == 422
    sent = owner.post(f"{path}/priority/", {"priority": "P1", "reason": "Called twice, in tears"})
    assert sent.status_code == 303, sent.content.decode()
    lead = reload(harbor, easy.id)
    assert lead.priority == "P1" and lead.due_at < easy.due_at
    edited = ask(client_as("ewa"), "PATCH", path, {"payer": "Acme", "timeframe": "within_week"}, at=LATER)
    assert edited.status_code == 200
    harbor.drain()
    assert reload(harbor, easy.id).priority == "P1"
    with harbor.scope():
        story = words_of(TimelineEntry.rows().filter(lead=easy, kind="priority"), "sentence")
        assert "Called twice, in tears" in story[0]
        assert AuditEntry.rows().filter(action="lead.priority", object_id=easy.id).exists()
    back = ask(owner, "POST", f"{path}/priority", {"priority": "rules", "reason": "Settled"}, at=LATER)
    assert back.status_code == 200 and reload(harbor, easy.id).priority == easy.priority

    def close_on_score(document):
        move = {"from": ["*"], "to": "closed", "event": "score_reached", "meaning": "Too low."}
        document["moves"].append(move)

    refused = draft_rules(harbor, client_as, "gates", close_on_score)
    assert refused.status_code == 422 and "never ends a lead" in refused.content.decode()
