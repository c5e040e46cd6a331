"""Age limits of a service (row QL-12)."""

import pytest

from apps.qualification.decisions import eligibility_by_age


@pytest.mark.parametrize(
    ("age", "low", "high", "expected"),
    [
        (16, 18, 65, "ineligible"),
        (18, 18, 65, "eligible"),
        (65, 18, 65, "eligible"),
        (66, 18, 65, "ineligible"),
        (None, 18, None, "needs_info"),
        (None, None, None, "eligible"),
        (3, None, 17, "eligible"),
        (0, 0, None, "eligible"),
    ],
)
def test_both_limits_are_inside_and_an_unknown_age_is_a_question(
    age: int | None, low: int | None, high: int | None, expected: str
) -> None:
    assert eligibility_by_age(age, low, high) == expected
