"""Reading phone numbers (rows VQ-04, DD-07)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.capture.phone import read_phone
from apps.capture.terms import LineKind, PointValidity


@pytest.mark.parametrize(
    ("typed", "e164", "validity"),
    [
        ("(312) 555-0142", "+13125550142", "valid"),
        ("312.555.0100", "+13125550100", "valid"),
        ("tel:+1-305-555-0199", "+13055550199", "valid"),
        ("1 800 555 0199", "+18005550199", "valid"),
        ("+44 20 7946 0958", "+442079460958", "valid"),
        ("＋１ ３１２ ５５５ ０１４２", "+13125550142", "valid"),
        ("+1 555 555 0123", "+15555550123", "unverified"),
        ("555-01", "", "invalid"),
        ("555-0142", "", "invalid"),
        ("911", "", "invalid"),
        ("3125550142 7735550143", "", "invalid"),
        ("call me", "", "invalid"),
        ("", "", "invalid"),
    ],
)
def test_numbers_are_read_in_one_form(typed: str, e164: str, validity: str) -> None:
    reading = read_phone(typed, "US")
    assert (reading.e164, reading.validity) == (e164, validity)


def test_an_invalid_number_says_why() -> None:
    assert read_phone("555-0142", "US").reason == "the area code is missing"
    assert read_phone("555-01", "US").reason == "too short"


def test_the_extension_is_kept_in_the_reason() -> None:
    reading = read_phone("312-555-0142 ext. 12", "US")
    assert (reading.e164, reading.reason) == ("+13125550142", "extension 12")


def test_the_kind_of_line_is_told_only_where_the_plan_tells_it() -> None:
    assert read_phone("(312) 555-0142", "US").kind is LineKind.UNKNOWN
    assert read_phone("+61 491 570 156", "US").kind is LineKind.MOBILE
    assert read_phone("+44 20 7946 0958", "US").kind is LineKind.FIXED


def test_without_a_country_a_local_number_cannot_be_read() -> None:
    assert read_phone("(312) 555-0142", "").validity is PointValidity.INVALID
    assert read_phone("+1 312 555 0142", "").validity is PointValidity.VALID


@given(typed=st.text(max_size=300), region=st.sampled_from(["US", "GB", "ZZ", ""]))
def test_reading_never_fails_and_is_stable(typed: str, region: str) -> None:
    reading = read_phone(typed, region)
    assert bool(reading.e164) == (reading.validity is not PointValidity.INVALID)
    if reading.e164:
        assert read_phone(reading.e164, region).e164 == reading.e164
