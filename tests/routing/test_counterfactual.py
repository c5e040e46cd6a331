"""What would change a route: near misses and rules that held, one field at a time, told in words."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from apps.routing.decisions.choosing import choose
from apps.routing.decisions.compiled_layers import compile_routing
from apps.routing.decisions.counterfactual import Question, what_would_change
from tests.routing.network import OPENS_AT, document, is_, network, rule

RULES = document(
    urgency=[
        rule("R-1", is_("timeframe", "within_24h"), {"priority": "P1"}),
        rule("R-2", {"field": "message_words", "op": "contains_word", "value": ["chest pain"]}, {"queue": "night"}),
    ],
    service=[rule("R-3", {"all": [is_("service", "imaging"), is_("consent_call", "granted")]}, {"queue": "elm-calls"})],
    location=[rule("R-4", is_("service", "derm"), {"queue": "oak-calls"})],
    patient_type=[rule("R-5", {"field": "fit", "op": "at_least", "value": 70}, {"queue": "screening"})],
)
LABELS = {"service": {"imaging": "Imaging", "derm": "Dermatology"}, "timeframe": {"within_24h": "within 24 hours"}}


def question(facts: dict[str, object], place=None) -> Question:  # type: ignore[no-untyped-def]
    rules, place = compile_routing(RULES), place or network()
    verdict = choose(facts, rules, place, labels=LABELS)
    matched = {step.rule_id for step in verdict.path} | {each.key for each in verdict.alternatives}
    shown = {key: value for key, value in facts.items() if key != "message_words"}
    return Question(shown, rules, place, LABELS, verdict.queue_key, verdict.priority, frozenset(matched))


def sentences(asked: Question, **more: frozenset[str]) -> list[str]:
    return [each.sentence for each in what_would_change(asked, **more)]


def test_the_smallest_single_changes_are_told() -> None:
    facts: dict[str, object] = {"service": "derm", "fit": 62, "timeframe": "month", "consent_call": "granted"}
    assert sentences(question(facts)) == [
        "Service cosmetic, ortho or not known → General Intake",
        "Timeframe within 24 hours → priority P1",
        "Fit score 70 instead of 62 → Screening",
        "Service Imaging → Elm Calls",
    ]


def test_two_changes_at_once_are_none_and_hidden_fields_are_not_told() -> None:
    facts: dict[str, object] = {"service": "imaging", "consent_call": "granted", "fit": 10}
    told = sentences(question(facts))
    assert "Consent to calls not known → General Intake" in told
    hidden = sentences(question(facts), hidden=frozenset({"consent_call", "consent_text", "consent_any"}))
    assert hidden and not any("onsent" in each for each in hidden)
    assert not any("Elm" in each for each in sentences(question({"service": "derm", "consent_call": "denied"})))


def test_words_that_decided_are_stood_in_for_and_never_told() -> None:
    asked = question({"service": "derm", "message_words": "I have chest pain", "fit": 10})
    assert "R-2" in asked.matched
    assert what_would_change(asked)
    assert not any("chest" in each for each in sentences(asked))
    assert what_would_change(replace(asked, queue_key="screening")) == ()


def test_opening_hours_are_told() -> None:
    closed = network(oak_calls={"is_open": False, "opens_at": OPENS_AT, "after_hours_key": "night"})
    asked = question({"service": "derm"}, closed)
    assert asked.queue_key == "night"
    assert sentences(asked)[-1] == "While Oak Calls is open → Oak Calls"


@given(
    st.fixed_dictionaries(
        {
            "service": st.sampled_from(["imaging", "derm", "ortho", None]),
            "fit": st.integers(0, 100) | st.none(),
            "timeframe": st.sampled_from(["within_24h", "month", None]),
            "consent_call": st.sampled_from(["granted", "denied", None]),
        }
    )
)
def test_every_change_told_is_true_and_leads_elsewhere(facts: dict[str, object]) -> None:
    asked = question(facts)
    for change in what_would_change(asked):
        assert (change.queue_key, change.priority) != (asked.queue_key, asked.priority)
        for value in change.values:
            again = choose({**facts, change.field: value}, asked.rules, asked.network, labels=LABELS)
            assert (again.queue_key, again.priority) == (change.queue_key, change.priority)
