"""A process document as a pure rule: what is read, what is refused, what it says."""

import pytest

from apps.leads.process import Bound, check_document, compile_process, sentences, span
from apps.policies.terms import Known

KNOWN = Known(
    stages=frozenset({"contacted", "attempting", "in_treatment"}),
    pipelines=frozenset({"patient"}),
    reporters=frozenset({"brightpath", "ehr"}),
)
STALE = {"key": "stale", "since": "reply", "after_seconds": 259_200, "stages": ["attempting"]}
GOOD = {
    "pipelines": {"patient": {"end": {"at": "in_treatment", "label": "Active patient"}, "statuses": [STALE]}},
    "truth": {"stage": "brightpath"},
    "words": {"brightpath": [{"word": "Contact made", "stage": "contacted", "event": "call_connected"}]},
}


def test_a_good_document_is_read_and_said():
    assert check_document(GOOD, {}, KNOWN) == []
    process = compile_process(GOOD)
    assert process.course("patient").end == Bound("in_treatment", "Active patient")
    assert process.course("another").statuses == ()
    assert process.means("brightpath", "contact-MADE").stage == "contacted"
    assert process.means("ehr", "contact made") is None
    said = " ".join(sentences(GOOD, {}, {}))
    assert "“Stale” at attempting 3 days after the person was last heard." in said
    assert "“contact made” of brightpath means contacted." in said


@pytest.mark.parametrize(
    ("part", "value", "code"),
    [
        ("pipelines", {"dental": {}}, "unknown_pipeline"),
        ("pipelines", {"patient": {"end": {"at": "cured"}}}, "unknown_bound"),
        ("pipelines", {"patient": {"ends": {}}}, "unknown_key"),
        ("pipelines", {"patient": {"statuses": [STALE, STALE]}}, "status_twice"),
        ("pipelines", {"patient": {"statuses": [{**STALE, "after_seconds": "3 days"}]}}, "bad_limit"),
        ("pipelines", {"patient": {"statuses": [{**STALE, "since": "ever"}]}}, "unknown_since"),
        ("pipelines", {"patient": {"statuses": [{**STALE, "key": ""}]}}, "key_missing"),
        ("pipelines", {"patient": {"statuses": [{**STALE, "stages": ["x"]}]}}, "unknown_stage"),
        ("pipelines", {"patient": {"statuses": [{**STALE, "next_actions": [{"do": "dance"}]}]}}, "bad_next_action"),
        ("truth", {"owner_team": "ehr"}, "unknown_field"),
        ("truth", {"stage": "nobody"}, "unknown_reporter"),
        ("words", {"ehr": [{"word": "in", "stage": "x", "event": "call_connected"}]}, "unknown_stage"),
        ("words", {"ehr": [{"word": "in", "stage": "contacted", "event": "guess"}]}, "unknown_event"),
        (
            "words",
            {"ehr": [{"word": each, "stage": "contacted", "event": "call_connected"} for each in ("in", "IN")]},
            "word_twice",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_named(part, value, code):
    assert code in {each.code for each in check_document({**GOOD, part: value}, {}, KNOWN)}


@pytest.mark.parametrize(
    ("seconds", "words"), [(259_200, "3 days"), (3_600, "1 hour"), (900, "15 minutes"), (61, "61 seconds")]
)
def test_a_limit_in_words(seconds, words):
    assert span(seconds) == words
