"""Reading e-mail addresses (rows VQ-05, DD-07)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.capture.email_address import read_email
from apps.capture.terms import PointValidity


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Maria@Example.com", "maria@example.com"),
        ("  maria@example.org ", "maria@example.org"),
        ("mailto:maria@example.com", "maria@example.com"),
        ("jane+test@harbor.example", "jane+test@harbor.example"),
        ("anna@müller-praxis.de", "anna@müller-praxis.de"),
    ],
)
def test_good_addresses_are_lower_case(typed: str, address: str) -> None:
    reading = read_email(typed)
    assert (reading.address, reading.validity) == (address, PointValidity.VALID)


@pytest.mark.parametrize(
    ("typed", "address", "reason"),
    [
        ("a@nodomain.invalid", "a@nodomain.invalid", "reserved domain"),
        ("A@clinic.test", "a@clinic.test", "reserved domain"),
        ("a@printer.local", "a@printer.local", "reserved domain"),
        ("x@mailinator.com", "x@mailinator.com", "disposable"),
        ("x@box.mailinator.com", "x@box.mailinator.com", "disposable"),
        ("maria", "", "not an e-mail address"),
        ("maria@", "", "not an e-mail address"),
        ("maria@localhost", "", "not an e-mail address"),
        ("Maria <maria@example.com>", "", "not an e-mail address"),
        ("a b@nodomain.invalid", "", "not an e-mail address"),
        ("", "", "not an e-mail address"),
    ],
)
def test_bad_addresses_say_why(typed: str, address: str, reason: str) -> None:
    reading = read_email(typed)
    assert (reading.address, reading.validity, reading.reason) == (address, PointValidity.INVALID, reason)


@given(st.one_of(st.text(max_size=300), st.emails()))
def test_reading_never_fails_and_is_stable(typed: str) -> None:
    reading = read_email(typed)
    if reading.validity is PointValidity.VALID:
        assert read_email(reading.address).address == reading.address
    assert reading.address == reading.address.lower()
