"""Which replies are opt-outs, and which only look like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.consent.opt_out_words import is_opt_out, may_be_opt_out


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "S.T.O.P",
        "STOP ALL",
        "StopAll",
        "Quit!",
        "END",
        "revoke",
        "OPT OUT",
        "opt-out",
        "OptOut",
        "Cancel",
        "unsubscribe",
        "REMOVE",
        "stop please",
        "Please stop, thank you",
        "STOP STOP STOP",
        "stop unsubscribe",
        "ALTO",
        "parar",
        "Pare por favor",
        "no más",
        "arrêt",
        "ＳＴＯＰ",
    ],
)
def test_keywords_revoke_by_themselves(text: str) -> None:
    found = is_opt_out(text)
    assert found is not None
    assert found.kind == "keyword"


@pytest.mark.parametrize(
    "text",
    [
        "Please stop texting me",
        "STOP it",
        "Don't call me again",
        "dont text this number",
        "no more texts",
        "I want to opt out of these",
        "I hereby revoke my consent to calls",
        "No me llamen más",
        "Take me off your list",
        "please remove me from this list",
        "Quiero darme de baja",
        "I never wanted to unsubscribe but do it",
    ],
)
def test_other_wording_is_held_for_a_person(text: str) -> None:
    found = is_opt_out(text)
    assert found is not None
    assert found.kind == "wording"
    assert found.words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "🙂",
        "Yes",
        "Please cancel my appointment",
        "I will stop by tomorrow",
        "Stop by at 3?",
        "at the end of the week",
        "The bus stop is close",
        "I quit smoking",
        "thank you",
        "Call me",
        "endless",
    ],
)
def test_ordinary_replies_are_none(text: str) -> None:
    assert is_opt_out(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Please don't stop texting me",
        "Never stop calling, I need it",
        "Stop taking the pills is what the doctor said and now my knee hurts again all night long",
    ],
)
def test_what_is_unclear_revokes_nothing_and_is_read(text: str) -> None:
    found = is_opt_out(text)
    assert found is not None and found.kind == "unclear"


def test_an_answer_with_stop_in_it_is_read_and_a_visit_is_none() -> None:
    assert may_be_opt_out("Don't stop!") and may_be_opt_out("My mother says the pain will not stop. What now?")
    assert may_be_opt_out("I will stop by at 3") is None and may_be_opt_out("See you soon") is None


@given(
    word=st.sampled_from(["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"]),
    gaps=st.lists(st.sampled_from(["", " ", ".", "-", " - ", "\n"]), min_size=12, max_size=12),
    upper=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_case_spacing_and_punctuation_never_hide_a_keyword(word: str, gaps: list[str], upper: list[bool]) -> None:
    shown = "".join(
        (letter.upper() if up else letter) + gap for letter, gap, up in zip(word, gaps, upper, strict=False)
    )
    found = is_opt_out(shown)
    assert found is not None
    assert found.kind == "keyword"


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    found = is_opt_out(text)
    assert found is None or found.words
