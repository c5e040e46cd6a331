"""Reading places (row DD-06)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.capture.places import fold_city, read_place
from apps.capture.terms import PlaceProblem, Town

TOWNS = (
    Town("Oak Park", "IL", "60302", 41.8925, -87.7895),
    Town("Evanston", "IL", "60201", 42.0546, -87.6943, ("E-town",)),
    Town("Springfield", "IL", "62701", 39.8, -89.65),
    Town("Saint Charles", "IL", "60174", 41.92, -88.31),
    Town("Aurora", "IL", "60505", 41.75, -88.29),
)


@pytest.mark.parametrize(
    ("city", "region", "code", "expected"),
    [
        ("", "", "60614", ("Chicago", "IL", "60614", 100)),
        ("", "", "60614-1234", ("Chicago", "IL", "60614", 100)),
        ("Lincoln Park", "", "60614", ("Chicago", "IL", "60614", 100)),
        ("Chicago", "IL", "60302", ("Oak Park", "IL", "60302", 75)),
        ("Oak Park, IL 60302", "", "", ("Oak Park", "IL", "60302", 100)),
        ("oak park", "Illinois", "", ("Oak Park", "IL", "60302", 100)),
        ("Oak Park, Illinois", "", "", ("Oak Park", "IL", "60302", 100)),
        ("Oak Park IL", "", "", ("Oak Park", "IL", "60302", 100)),
        ("Oak Park", "", "", ("Oak Park", "IL", "60302", 80)),
        ("e-town", "il", "", ("Evanston", "IL", "60201", 95)),
        ("St. Charles", "IL", "", ("Saint Charles", "IL", "60174", 100)),
        ("Springfield, IL", "", "", ("Springfield", "IL", "62701", 100)),
        ("Naperville", "", "", ("Naperville", "IL", "", 80)),
        ("Naperville", "IL", "", ("Naperville", "IL", "", 90)),
        ("Oak Park", "IL", "00000", ("Oak Park", "IL", "00000", 100)),
    ],
)
def test_places_that_are_plain(city: str, region: str, code: str, expected: tuple[str, str, str, int]) -> None:
    place = read_place(city, region, code, TOWNS)
    assert (place.city, place.region, place.postal_code, place.confidence) == expected
    assert place.problem == ""
    assert place.latitude is not None
    assert place.longitude is not None


@pytest.mark.parametrize(("city", "code"), [("Oak Park", "60201"), ("Evanston", "60614"), ("Chicago", "90001")])
def test_a_known_city_far_from_the_zip_is_a_conflict_and_the_zip_a_guess(city: str, code: str) -> None:
    place = read_place(city, "IL", code, TOWNS)
    assert (place.postal_code, place.problem, place.confidence) == (code, PlaceProblem.CONFLICTING, 75)


@pytest.mark.parametrize(("typed", "city"), [("Oak Prk, IL", "Oak Park"), ("Evnston, IL", "Evanston")])
def test_a_slip_is_put_right_and_says_how_sure_that_is(typed: str, city: str) -> None:
    place = read_place(typed, "", "", TOWNS)
    assert (place.city, place.problem) == (city, "")
    assert 85 <= place.confidence < 100
    assert place.latitude is not None


@pytest.mark.parametrize(
    ("city", "region", "problem"),
    [
        ("Springfield", "", PlaceProblem.AMBIGUOUS_CITY),
        ("Sprngfield", "", PlaceProblem.AMBIGUOUS_CITY),
        ("Berwyn", "", PlaceProblem.AMBIGUOUS_CITY),
        ("Qwertyville", "", PlaceProblem.UNKNOWN_CITY),
        ("Naperville", "TX", PlaceProblem.UNKNOWN_CITY),
        ("Evnston", "WI", PlaceProblem.UNKNOWN_CITY),
    ],
)
def test_a_doubtful_place_is_never_guessed(city: str, region: str, problem: PlaceProblem) -> None:
    place = read_place(city, region, "", TOWNS)
    assert (place.city, place.problem, place.confidence, place.latitude) == (city, problem, 0, None)


def test_the_same_town_in_two_states_needs_the_state() -> None:
    towns = (*TOWNS, Town("Oak Park", "MI", "48237", 42.46, -83.18))
    assert read_place("Oak Park", "", "", towns).problem is PlaceProblem.AMBIGUOUS_CITY
    assert read_place("Oak Prk", "", "", towns).problem is PlaceProblem.AMBIGUOUS_CITY
    assert read_place("Oak Park", "MI", "", towns).postal_code == "48237"


def test_nothing_typed_is_no_problem_but_an_unknown_code_is() -> None:
    assert read_place("", "", "", TOWNS).problem == ""
    assert read_place("", "", "6061", TOWNS).problem is PlaceProblem.UNKNOWN_CITY


def test_short_forms_are_written_out() -> None:
    assert fold_city("St. Paul") == fold_city("Saint Paul") == "saint paul"
    assert fold_city("Mt Prospect") == "mount prospect"


@given(city=st.text(max_size=120), region=st.text(max_size=40), code=st.text(max_size=12))
def test_reading_never_fails(city: str, region: str, code: str) -> None:
    place = read_place(city, region, code, TOWNS)
    assert 0 <= place.confidence <= 100
    assert (place.confidence > 0) == (place.latitude is not None)
