"""The signs that scoring reads: days that words name, what is asked for, what is offered where."""

from datetime import date

import pytest

from apps.policies.decisions.words import words_of
from apps.qualification.signals import Surroundings, deadline_on, fit_signs, signs_in_words
from apps.qualification.terms import Eligibility

TODAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("MRI before surgery 12 June", date(2026, 6, 12)),
        ("I need it by June 12th, please", date(2026, 6, 12)),
        ("antes de la cirugía el 12 de junio", date(2026, 6, 12)),
        ("before race in June, what are next steps?", date(2026, 6, 1)),
        ("something before the end of May", TODAY),
        ("until 3 March", date(2027, 3, 3)),
        ("before tomorrow", date(2026, 5, 21)),
        ("by 2 July or before 1 June", date(2026, 6, 1)),
        ("my last scan was on 12 June", None),
        ("before I may come, call me", None),
        ("before 31 February", None),
        ("", None),
    ],
)
def test_a_deadline_is_a_day_near_a_word_that_makes_it_one(text: str, day: date | None) -> None:
    assert deadline_on(words_of(text), TODAY) == day


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Can I book a scan?", "appointment"),
        ("How much is it?", "price"),
        ("I want a second opinion and to book", "second_opinion"),
        ("Tell me about your clinic", "information"),
    ],
)
def test_what_is_asked_for(text: str, asked: str) -> None:
    assert signs_in_words(text, TODAY, service="", named=())["request_type"] == asked


def test_of_no_words_nothing_is_known_and_a_need_fits_only_a_service_that_was_chosen() -> None:
    assert set(signs_in_words("", TODAY, service="imaging", named=()).values()) == {None}
    told = signs_in_words("An MRI before surgery 12 June", TODAY, service="imaging", named=("imaging",))
    assert told == {
        "message_word_count": 6,
        "names_procedure": True,
        "deadline_days": 23,
        "request_type": "information",
        "need_fits": True,
    }
    assert signs_in_words("my skin", TODAY, service="imaging", named=("dermatology",))["need_fits"] is False
    assert signs_in_words("my skin", TODAY, service="", named=("dermatology",))["need_fits"] is None


def test_an_age_that_nobody_knows_is_no_bad_age() -> None:
    assert fit_signs(Surroundings(True, True, 4.04, Eligibility.NEEDS_INFO)) == {
        "service_offered": True,
        "location_available": True,
        "nearest_km": 4.0,
        "age_fits": None,
    }
    assert fit_signs(Surroundings(None, None, None, Eligibility.INELIGIBLE))["age_fits"] is False
