"""Scoring: totals, lines, bands and bounds, and what a scorecard may not hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policies.decisions.fields import FIELDS
from apps.policies.terms import Known, Severity
from apps.qualification.decisions import check_document, score
from apps.qualification.terms import ScoreLine

Json = dict[str, object]
ALWAYS: Json = {"always": True}
BANDS = [
    {"at_least": 70, "key": "high", "name": "High"},
    {"at_least": 40, "key": "medium", "name": "Medium"},
    {"at_least": 0, "key": "low", "name": "Low"},
]


def rule(rule_id: str, when: object, points: object, meaning: str = "For a test") -> Json:
    return {"id": rule_id, "meaning": meaning, "when": when, "points": points}


def part(*rules: Json, **more: object) -> Json:
    return {"base": 0, "min": 0, "max": 100, "rules": list(rules), "bands": BANDS, **more}


def is_(field: str, value: object) -> Json:
    return {"field": field, "op": "is", "value": value}


SCORECARD = {
    "fit": part(
        rule("F-1", is_("service", "imaging"), 30, "Service offered nearby"),
        rule("F-2", {"field": "postal_code", "op": "starts_with", "value": "606"}, 40, "Lives in the area"),
        rule("F-3", is_("payer", "acme"), 20, "Payer with a contract"),
    ),
    "intent": part(
        rule("I-1", is_("timeframe", "within_week"), 25, "Wants care soon"),
        rule("I-2", is_("channel", "call"), 30, "Called us"),
        base=10,
    ),
}


def test_fit_and_intent_are_apart_and_their_lines_sum_to_each() -> None:
    facts = {"service": "imaging", "postal_code": "60614", "timeframe": "within_week"}
    verdict = score(facts, SCORECARD)
    assert (verdict.fit.total, verdict.fit.band) == (70, "high")
    assert verdict.fit.lines == (
        ScoreLine("F-1", "Service offered nearby", 30),
        ScoreLine("F-2", "Lives in the area", 40),
    )
    assert (verdict.intent.total, verdict.intent.band) == (35, "low")
    assert [line.rule_id for line in verdict.intent.lines] == ["base", "I-1"]
    stored = verdict.as_json()
    assert stored == json.loads(json.dumps(stored))
    assert stored["intent"]["lines"][0] == {"rule_id": "base", "meaning": "Starting points", "points": 10}  # type: ignore[index]


@pytest.mark.parametrize(
    ("points", "total", "band", "cut"),
    [
        (0, 0, "low", 0),
        (39, 39, "low", 0),
        (40, 40, "medium", 0),
        (69, 69, "medium", 0),
        (70, 70, "high", 0),
        (100, 100, "high", 0),
        (130, 100, "high", -30),
        (-20, 0, "low", 20),
    ],
)
def test_bands_and_bounds(points: int, total: int, band: str, cut: int) -> None:
    fit = score({}, {"fit": part(rule("F-1", ALWAYS, points))}).fit
    assert (fit.total, fit.band) == (total, band)
    assert [line.points for line in fit.lines if line.rule_id == "bounds"] == ([cut] if cut else [])


@pytest.mark.parametrize(
    "card",
    [
        part(rule("F-1", {"broken": 1}, 30)),
        part(rule("F-1", ALWAYS, "30")),
        part(rule("F-1", ALWAYS, 30) | {"is_active": False}),
        {"rules": "x", "bands": 3},
        None,
    ],
)
def test_what_cannot_be_read_gives_no_points(card: object) -> None:
    assert score({}, {"fit": card}).fit.total == 0


_POINTS = st.integers(-200, 200)
_CARD = st.builds(
    lambda base, points, low, high: part(
        *(rule(f"F-{n}", ALWAYS, p) for n, p in enumerate(points)), base=base, min=low, max=high
    ),
    _POINTS,
    st.lists(_POINTS, max_size=6),
    st.integers(-10, 50),
    st.integers(0, 1200),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["rules", "bands", "when", "points", "at_least", "key", "base"]), inner)
    ),
    max_leaves=12,
)


@given(_CARD | _JSON)
def test_lines_always_sum_to_a_total_within_bounds(card: object) -> None:
    document = {"fit": card, "intent": card}
    verdict = score({}, document)
    assert sum(line.points for line in verdict.fit.lines) == verdict.fit.total
    assert 0 <= verdict.fit.total <= 1000
    assert verdict.fit == verdict.intent
    check_document(document, FIELDS, Known())


def codes(document: Json) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in check_document(document, FIELDS, Known())]


def test_a_sound_scorecard_has_no_problems() -> None:
    assert codes(SCORECARD) == [("/fit/rules/2/when", "free_text")], "which only warns: words are guesses"


@pytest.mark.parametrize(
    ("card", "path", "code"),
    [
        (part(rule("F-1", ALWAYS, 30, meaning=" ")), "/fit/rules/0/meaning", "meaning_missing"),
        (part(rule("", ALWAYS, 30)), "/fit/rules/0/id", "id_missing"),
        (part(rule("F-1", ALWAYS, 0)), "/fit/rules/0/points", "bad_value"),
        (part(rule("F-1", ALWAYS, 2.5)), "/fit/rules/0/points", "bad_value"),
        (part(rule("F-1", is_("fit", 3), 30)), "/fit/rules/0/when", "circular"),
        (part(rule("F-1", is_("fitt", 3), 30)), "/fit/rules/0/when/field", "unknown_field"),
        (part(rule("I-1", ALWAYS, 30)), "/intent/rules/0/id", "duplicate_id"),
        (part(min=50, max=20), "/fit/max", "bad_bounds"),
        (part(base="ten"), "/fit/base", "bad_value"),
        (part(bands=[]), "/fit/bands", "bands_missing"),
        (part(bands=BANDS[:2]), "/fit/bands", "bands_missing"),
        (part(bands=[*BANDS, {"at_least": 40, "key": "mid"}]), "/fit/bands/3/at_least", "bad_band"),
        (part(bands=[*BANDS, {"at_least": "x", "key": "mid"}]), "/fit/bands/3", "bad_band"),
        (part(bands=[*BANDS, {"at_least": 90, "key": "high"}]), "/fit/bands/3/key", "duplicate_id"),
        (part(colour="red"), "/fit/colour", "unknown_key"),
        ({}, "/fit", "part_missing"),
    ],
)
def test_errors_of_a_scorecard(card: Json, path: str, code: str) -> None:
    assert codes({"fit": card, "intent": SCORECARD["intent"]}) == [(path, code)]


def test_more_rules_than_a_page_are_a_warning() -> None:
    long = part(*(rule(f"F-{number}", ALWAYS, 1) for number in range(21)))
    problems = check_document({"fit": long, "intent": part()}, FIELDS, Known())
    assert ("too_long", Severity.WARNING) in [(p.code, p.severity) for p in problems]
    assert {p.severity for p in problems} == {Severity.WARNING}
