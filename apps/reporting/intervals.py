"""How far a share may lie from the truth: intervals for shares of few, and whether two shares really differ."""

from dataclasses import dataclass
from math import hypot

from apps.policies.decisions.watch import interval_of


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
    low, high = _ends(part, whole)
    return Interval(round(100 * low), round(100 * high))


def is_above(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Say whether a share (part, whole) lies above another by more than chance, 95 times of 100.

    By Newcombe's interval of the difference, which is made of the Wilson intervals of both.
    """
    if one[1] <= 0 or other[1] <= 0:
        return False
    first, second = one[0] / one[1], other[0] / other[1]
    return first - second > hypot(first - _ends(*one)[0], _ends(*other)[1] - second)


def _ends(part: int, whole: int) -> tuple[float, float]:
    found = interval_of(part, whole)
    return found.low / 100, found.high / 100
