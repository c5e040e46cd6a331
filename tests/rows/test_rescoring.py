"""Scored anew when data or rules change, and routed anew once where a trigger fires (rows SC-10, RT-03)."""

from datetime import timedelta

import pytest

from apps.leads.models import Lead, TimelineEntry
from apps.qualification.models import ScoreResult
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, draft_rules, page, rule
from tests.words import words_of

LATER = TUESDAY_NINE + timedelta(minutes=10)
BASE = {"id": "F-1", "meaning": "The service is known", "points": 69, "when": {"field": "service", "op": "is_known"}}
INSURED = {"id": "F-2", "meaning": "Insurance is known", "points": 2, "when": {"field": "payer", "op": "is_known"}}


def score_69_and_71(document):
    document["fit"]["rules"] = [BASE, INSURED]


def send_71_to_tele_sales(document):
    layer = next(each for each in document["layers"] if each["key"] == "exception")
    high = {"field": "fit", "op": "at_least", "value": 70}
    layer["rules"].append({**rule("R-19", high, {"queue": "tele-sales"}), "stop": True})
    document["triggers"] = [
        {"id": "T-1", "on": "score_crossed", "score": "fit", "at": 70, "meaning": "High fit is called by tele-sales."},
        {"id": "T-2", "on": "data_supplied", "meaning": "What was missing may decide."},
    ]


@pytest.mark.row("RT-03")
@pytest.mark.row("SC-10")
def test_a_score_that_crosses_70_is_looked_at_once_and_its_history_names_the_versions(harbor, client_as):
    change_rules(harbor, client_as, "scoring", score_69_and_71)
    change_rules(harbor, client_as, "routing", send_71_to_tele_sales)
    free, worked = make_lead(harbor), make_lead(harbor)
    with harbor.scope():
        Lead.rows().filter(id=worked.id).update(outreach_started_at=TUESDAY_NINE)
    for lead in (free, worked):
        assert (lead.fit, lead.queue.key) == (69, "elm-calls")
        answer = ask(client_as("ewa"), "PATCH", f"/leads/{lead.id}", {"payer": "Acme"}, at=LATER)
        assert answer.status_code == 200, answer.content
    harbor.drain(at=LATER)
    moved, kept = reload(harbor, free.id), reload(harbor, worked.id)
    assert (moved.fit, moved.queue.key, moved.owner_team.key) == (71, "tele-sales", "tele-sales")
    assert (kept.fit, kept.queue.key, kept.owner_id) == (71, "elm-calls", worked.owner_id)
    ask(client_as("mia"), "PATCH", f"/leads/{free.id}", {"payer": "Other"}, at=LATER)
    harbor.drain(at=LATER)
    harbor.drain(at=LATER + timedelta(hours=1))
    with harbor.scope():
        assert RoutingDecision.rows().filter(lead=free, cause="trigger").count() == 1
        assert not RoutingDecision.rows().filter(lead=worked, cause="trigger").exists()
        story = words_of(TimelineEntry.rows().filter(lead=worked, kind="routed"), "sentence")
        assert any("Fit 69 → 71 crossed 70" in each and "keeps it" in each for each in story)
        causes = list(ScoreResult.rows().filter(lead=free).order_by("scored_at", "id").values_list("fit", "cause"))
    assert causes[:2] == [(69, "arrival"), (71, "changed: payer")]

    def weigh_more(document):
        document["fit"]["rules"] = [BASE, {**INSURED, "points": 8}]

    change_rules(harbor, client_as, "scoring", weigh_more)
    harbor.drain(at=LATER + timedelta(hours=2))
    seen = ask(client_as("ewa"), "GET", f"/leads/{worked.id}/why", at=LATER + timedelta(hours=2)).json()["scores"]
    assert [(each["version"], each["fit"], each["cause"]) for each in seen[:2]] == [
        (3, 77, "new rules"),
        (2, 71, "changed: payer"),
    ]
    shown = page(client_as("ewa"), f"/leads/{worked.id}/why/", at=LATER + timedelta(hours=2))
    assert "Scores so far" in shown and "Scorecard v3" in shown and "Fit 77" in shown
    with harbor.scope(), travelling(to=LATER):
        from apps.flows.replay import State, replay_everything

        assert {each.state for each in replay_everything()} == {State.SAME}


def test_a_trigger_that_nobody_can_read_is_refused(harbor, client_as):
    def add(document):
        document["triggers"] = [
            {"id": "T-1", "on": "created", "meaning": "Each."},
            {"id": "T-1", "on": "score_crossed", "score": "luck", "at": 0},
        ]

    told = draft_rules(harbor, client_as, "routing", add).content.decode()
    assert "Every lead is routed when it is created" in told and "Which score: fit or intent" in told
    assert "/triggers/1/at" in told and "/triggers/1/meaning" in told
