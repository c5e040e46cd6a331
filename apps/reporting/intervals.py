"""How far a share may lie from the truth: intervals for shares of few, and whether two shares really differ."""

from dataclasses import dataclass

from apps.policies.decisions.watch import difference_of, interval_of


@dataclass(frozen=True, slots=True)
class Interval:
    """Within which percents the true share lies, 95 times of 100."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}–{self.high} %"


def wilson(part: int, whole: int) -> Interval | None:
    """Return the Wilson interval of a share, in whole percent; None of nothing.

    It stays between 0 and 100 and says something sensible of few and of extreme shares too.
    """
    if whole <= 0:
        return None
    found = interval_of(part, whole)
    return Interval(round(found.low), round(found.high))


def is_above(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Say whether a share (part, whole) lies above another by more than chance, 95 times of 100."""
    return one[1] > 0 and other[1] > 0 and difference_of(one, other)[0] > 0
