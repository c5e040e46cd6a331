"""What the machine says: listed answers only; danger first, then people, then answers, then "I do not know"."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.chat import texts
from apps.chat.decisions import MOST_MISSES, check_document, danger_in, reply_to
from apps.chat.terms import URGENT, Fixed, Handover, Language
from apps.policies.terms import Known

HOURS = {"id": "Q-1", "meaning": "m", "ask": ["what are your hours", "when are you open"], "say": "Eight to six."}
RULES: dict[str, Any] = {"answers": [HOURS], "emergency": ["collapsed"], "clinical": ["is it normal"]}
OURS = {
    "Eight to six.",
    *(texts.fixed(each, tongue) for each in Fixed for tongue in Language),
    *(texts.safety_text(danger, tongue) for danger in URGENT for tongue in Language),
}
DANGER = [phrase for known in (texts.EMERGENCY, texts.CRISIS) for tongue in Language for phrase in known[tongue]]


@pytest.mark.parametrize(
    ("line", "handover", "rule"),
    [
        ("What are your hours?", None, "Q-1"),
        ("what are yuor hours", None, "Q-1"),
        ("Hello, when are you open please", None, "Q-1"),
        ("chest pain", Handover.EMERGENCY, ""),
        ("My CHEST hurts, what are your hours", Handover.EMERGENCY, ""),
        ("I can’t breathe", Handover.EMERGENCY, ""),
        ("me duele el pecho", Handover.EMERGENCY, ""),
        ("my father collapsed", Handover.EMERGENCY, ""),
        ("I want to die", Handover.CRISIS, ""),
        ("what is my diagnosis", Handover.CLINICAL, ""),
        ("Is it normal that it itches", Handover.CLINICAL, ""),
        ("I want to talk to a person", Handover.ASKED, ""),
        ("I need a person please, knee pain", Handover.ASKED, ""),
        ("a person", Handover.ASKED, ""),
        ("Could I chat with somebody?", Handover.ASKED, ""),
        ("how tall is the tower", None, ""),
        ("hours", None, ""),
        ("I treasure the chest", None, ""),
    ],
)
def test_a_line_is_answered_handed_over_or_not_known(line: str, handover: Handover | None, rule: str) -> None:
    reply = reply_to(line, 0, RULES)
    assert (reply.handover, reply.rule_id) == (handover, rule)


def test_two_lines_without_an_answer_bring_a_person_and_an_answer_begins_the_count_anew() -> None:
    first = reply_to("xyzzy", 0, RULES)
    assert (first.handover, first.misses, first.text) == (None, 1, texts.fixed(Fixed.UNSURE, "en"))
    assert reply_to("xyzzy", first.misses, RULES).handover is Handover.NO_ANSWER
    assert reply_to("when are you open", first.misses, RULES).misses == 0


def test_the_safety_texts_name_911_and_988() -> None:
    assert "911" in reply_to("chest pain", 0, {}).text
    assert "988" in reply_to("suicide", 0, {}).text


@pytest.mark.parametrize(
    ("line", "language", "said"),
    [
        ("chest pain", "en", "Call 911 now"),
        ("chest pain", "es", "Call 911 now"),
        ("me duele el pecho", "en", "Llame al 911 ahora"),
        ("quiero morir", "es", "Llame al 988 ahora"),
        ("collapsed", "es", "Llame al 911 ahora"),
    ],
)
def test_a_safety_text_is_in_the_language_of_the_words_else_of_the_visitor(line: str, language: str, said: str) -> None:
    assert said in reply_to(line, 0, RULES, language).text


OWN = {"en": "Call 911. Go now.", "es": "Llame al 911. Vaya ahora."}


@pytest.mark.parametrize(
    ("texts_given", "codes"),
    [
        (OWN, []),
        ({"en": OWN["en"]}, ["text_missing"]),
        (OWN | {"es": "Vaya ahora."}, ["number_missing"]),
        (OWN | {"fr": "Appelez le 911."}, ["unknown_key"]),
    ],
)
def test_a_tenants_own_safety_texts_have_both_languages_and_the_number(
    texts_given: dict[str, str], codes: list[str]
) -> None:
    document = {**RULES, "safety": {"emergency": texts_given}}
    assert [each.code for each in check_document(document, {}, Known())] == codes
    if not codes:
        assert reply_to("chest pain", 0, document).text == OWN["en"]
        assert reply_to("me duele el pecho", 0, document).text == OWN["es"]


@pytest.mark.parametrize(
    ("waits", "codes"),
    [
        ({"escalate_seconds": 120, "urgent_escalate_seconds": 30}, []),
        ({"escalate_seconds": 300}, ["too_late"]),
        ({"escalate_seconds": 60, "urgent_escalate_seconds": 90}, ["too_late"]),
        ({"urgent_escalate_seconds": 5}, ["bad_value"]),
    ],
)
def test_a_supervisor_hears_before_the_chat_gives_up_and_soonest_of_an_emergency(
    waits: dict[str, int], codes: list[str]
) -> None:
    assert [each.code for each in check_document({**RULES, **waits}, {}, Known())] == codes


@given(st.text(max_size=300), st.integers(0, MOST_MISSES), st.sampled_from(Language))
def test_the_machine_never_makes_anything_up(line: str, misses: int, language: Language) -> None:
    assert reply_to(line, misses, RULES, language).text in OURS


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(DANGER))
def test_words_of_danger_are_found_wherever_they_stand(before: str, after: str, words: str) -> None:
    assert danger_in(f"{before} {words} {after}", {}) is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": ""}, "id_missing"),
        ({"meaning": ""}, "meaning_missing"),
        ({"say": ""}, "answer_missing"),
        ({"ask": []}, "question_missing"),
        ({"ask": ["?!"]}, "no_word"),
        ({"ask": ["I have chest pain"]}, "is_emergency"),
        ({"answer": "x"}, "unknown_key"),
    ],
)
def test_a_wrong_answer_is_named(change: dict[str, Any], code: str) -> None:
    assert check_document(RULES, {}, Known()) == []
    assert [each.code for each in check_document({"answers": [HOURS | change]}, {}, Known())] == [code]


def test_a_question_has_one_answer_and_a_wait_its_bounds() -> None:
    twice = {"answers": [HOURS, {**HOURS, "id": "Q-2"}], "give_up_seconds": 5}
    codes = [each.code for each in check_document(twice, {}, Known())]
    assert codes == ["question_twice", "question_twice", "bad_value"]
