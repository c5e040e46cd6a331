"""How far a share may lie from the truth: intervals for shares of few, and whether two shares really differ."""

from dataclasses import dataclass
from math import hypot, sqrt

#: Of a hundred intervals made so, 95 hold the true share.
Z95 = 1.959964


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
    share, z2 = part / whole, Z95**2
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z95 / (1 + z2 / whole) * sqrt(share * (1 - share) / whole + z2 / (4 * whole**2))
    return max(0.0, middle - half), min(1.0, middle + half)
