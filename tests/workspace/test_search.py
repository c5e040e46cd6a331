"""What somebody typed into the search field."""

import pytest

from apps.workspace.search import Wanted, understand


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("L-123", Wanted(number=123)),
        (" l123 ", Wanted(number=123)),
        ("4821", Wanted(number=4821)),
        ("(312) 555-0142", Wanted(digits="3125550142")),
        ("+1 312 555 0142", Wanted(digits="13125550142")),
        ("Maria@Example.com", Wanted(email="maria@example.com")),
        ("  MARÍA  López ", Wanted(name="maria lopez")),
        ("", Wanted()),
        ("x", Wanted()),
        ("- - -", Wanted()),
        ("mar\x00ia", Wanted()),
    ],
)
def test_understands_what_is_meant(typed, meant):
    assert understand(typed) == meant


@pytest.mark.parametrize("typed", ["", "x", "-", "%", "  "])
def test_what_is_too_short_names_nobody(typed):
    assert not understand(typed).is_person
