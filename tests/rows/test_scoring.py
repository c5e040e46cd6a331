"""Scores as the rows ask for them: two of them, with their lines, bands that route, rules in plain words."""

import json
import re
from datetime import timedelta

import pytest

from apps.policies.models import RuleSet
from apps.qualification.models import ScoreResult
from apps.routing.models import RoutingDecision
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.rows.arranging import ask, change_rules, draft_rules, is_, page, rule

#: Imaging at Elm St, far from Chicago, reachable by e-mail: fit 30 + 20 + 20, intent 20 + 15.
LEAD_1003 = {
    "person__postal_code": "53703",
    "person__city": "Madison",
    "person__region": "WI",
    "request__preferred_channel": "email",
    "request__timeframe": "",
    "consent": [consent("email")],
    "request__message": "I would like to book a scan",
}


def set_bands(document):
    """Let fit be High from 70 and Medium from 40, as the row says."""
    document["fit"]["bands"] = [
        {"at_least": 70, "key": "high", "name": "High"},
        {"at_least": 40, "key": "medium", "name": "Medium"},
        {"at_least": 0, "key": "low", "name": "Low"},
    ]


def send_high_fit_to_tele_sales(document):
    """Let the band of the fit decide the queue."""
    layer = next(each for each in document["layers"] if each["key"] == "exception")
    layer["rules"].append({**rule("R-19", is_("fit_band", "high"), {"queue": "tele-sales"}), "stop": True})


@pytest.mark.row("SC-01")
def test_fit_70_and_intent_35_each_with_the_lines_that_sum_to_it(harbor, client_as):
    lead = make_lead(harbor, **LEAD_1003)
    seen = ask(client_as("ewa"), "GET", f"/leads/{lead.id}", at=TUESDAY_NINE).json()
    assert (seen["fit"], seen["intent"]) == (70, 35)
    with harbor.scope():
        verdict = ScoreResult.rows().get(lead=lead).verdict
    lines = {part: {each["rule_id"]: each["points"] for each in verdict[part]["lines"]} for part in verdict}
    assert lines == {"fit": {"F-1": 30, "F-2": 20, "F-5": 20}, "intent": {"I-1": 20, "I-5": 15}}
    html = page(client_as("ewa"), f"/leads/{lead.id}/why/", at=TUESDAY_NINE)
    score = html[html.index("score-title") :]
    fit, intent = score[: score.index("Intent")], score[score.index("Intent") :]
    sums = [sum(int(each) for each in re.findall(r"\+(\d+)", part)) for part in (fit, intent)]
    assert sums == [70, 35]
    assert "We know how to reach this person" in fit and "Speaks of booking" in intent


@pytest.mark.row("SC-05")
def test_points_are_kept_in_bounds_and_mapped_to_bands_that_route(harbor, client_as):
    change_rules(harbor, client_as, "scoring", set_bands)
    change_rules(harbor, client_as, "routing", send_high_fit_to_tele_sales)
    high = make_lead(harbor, **LEAD_1003)
    medium = make_lead(harbor, **LEAD_1003 | {"request__location": ""})
    low = make_lead(harbor, **LEAD_1003 | {"request__location": "", "request__service": ""})
    assert [(each.fit, each.band) for each in (high, medium, low)] == [
        (70, "high"),
        (50, "medium"),
        (20, "low"),
    ]
    with harbor.scope():
        rules = [RoutingDecision.rows().get(lead=each).rule_id for each in (high, medium, low)]
    assert rules[0] == "R-19"
    assert "R-19" not in rules[1:]

    def cut_at_60(document):
        document["fit"]["max"] = 60
        document["fit"]["bands"][0]["at_least"] = 55

    change_rules(harbor, client_as, "scoring", cut_at_60)
    cut = make_lead(harbor, **LEAD_1003)
    assert (cut.fit, cut.band) == (60, "high")
    with harbor.scope():
        lines = ScoreResult.rows().get(lead=cut).verdict["fit"]["lines"]
    assert lines[-1] == {"rule_id": "bounds", "meaning": "Kept between 0 and 60", "points": -10}


@pytest.mark.row("SC-05")
def test_crossing_70_by_what_a_second_inquiry_brings_routes_anew(harbor, client_as):
    change_rules(harbor, client_as, "scoring", set_bands)
    change_rules(harbor, client_as, "routing", send_high_fit_to_tele_sales)
    known = LEAD_1003 | {"person__phone": "+13125550144", "consent": [], "request__location": ""}
    held = make_lead(harbor, **known)
    assert (held.fit, held.band, held.queue.key) == (50, "medium", "consent-desk")
    again = known | {"consent": [consent("email")], "request__location": "elm-st"}
    later = TUESDAY_NINE + timedelta(minutes=10)
    processed(harbor, send_in(harbor, inquiry(**again), at=later), at=later)
    lead = reload(harbor, held.id)
    assert (lead.fit, lead.band, lead.queue.key, lead.owner_team.key) == (
        70,
        "high",
        "tele-sales",
        "tele-sales",
    )
    with harbor.scope():
        history = [row.fit for row in ScoreResult.rows().filter(lead=lead).order_by("scored_at")]
        assert history == [50, 70]
        assert RoutingDecision.rows().filter(lead=lead, cause="release", rule_id="R-19").count() == 1


@pytest.mark.row("SC-06")
def test_a_rule_without_its_meaning_cannot_be_saved(harbor, client_as):
    def add(document):
        document["fit"]["rules"].append({"id": "F-9", "points": 5, "when": {"field": "payer", "op": "is_known"}})

    refused = draft_rules(harbor, client_as, "scoring", add)
    assert refused.status_code == 422
    assert "/fit/rules/7" in refused.content.decode() and "plain words" in refused.content.decode()
    with harbor.scope():
        rule_set = RuleSet.rows().get(kind="scoring")
        assert rule_set.versions.count() == 1

    def add_with_meaning(document):
        add(document)
        document["fit"]["rules"][-1]["meaning"] = "An insurer is named"

    assert draft_rules(harbor, client_as, "scoring", add_with_meaning).status_code == 302


@pytest.mark.row("SC-06")
def test_the_whole_model_is_read_on_one_page_in_plain_words(harbor, client_as):
    with harbor.scope():
        rule_set = RuleSet.rows().get(kind="scoring")
        document = rule_set.versions.get().document
    html = page(client_as("ada"), f"/admin/policies/ruleset/{rule_set.id}/change/", at=TUESDAY_NINE)
    text = html[: html.index("<textarea")]
    meanings = [each["meaning"] for part in ("fit", "intent") for each in document[part]["rules"]]
    assert len(meanings) == 15
    for meaning in meanings:
        assert meaning in text
    assert "Service is known" in text and json.dumps(document) not in text
    too_long = [dict(document["fit"]["rules"][0], id=f"F-{number}") for number in range(10, 31)]

    def fill(changed):
        changed["fit"]["rules"] = too_long

    assert draft_rules(harbor, client_as, "scoring", fill).status_code == 302
    with harbor.scope():
        draft = rule_set.versions.get(state="draft")
    shown = page(client_as("dev"), f"/admin/policies/rulesetversion/{draft.id}/change/", at=TUESDAY_NINE)
    assert "21 rules are more than one readable page" in shown
