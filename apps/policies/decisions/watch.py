"""What is watched after a change of rules: shares of leads that went wrong, and when they are worth an alarm."""

from dataclasses import dataclass
from datetime import datetime
from math import hypot, sqrt

#: 95 of 100 such intervals hold the true share.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Watch:
    """Leads decided since a change: how many have owner, queue and tasks apart, how many lie in the fallback queue.

    `usual_fallback` is the share in percent that lay there before; the bounds are percent, of the fallback queue above
    the usual.
    """

    since: datetime
    until: datetime
    leads: int
    mismatched: int
    fallback: int
    usual_fallback: float = 0.0
    most_mismatch: int = 2
    most_fallback: int = 2

    @property
    def alarms(self) -> dict[str, str]:
        """Return what is beyond its bound, each as a sentence."""
        found = {}
        if percent(self.mismatched, self.leads) > self.most_mismatch:
            found["mismatch"] = (
                f"Owner, queue and tasks are apart on {_told(self.mismatched, self.leads)}; "
                f"up to {self.most_mismatch} % is allowed."
            )
        bound = self.usual_fallback + self.most_fallback
        if percent(self.fallback, self.leads) > bound:
            found["fallback"] = (
                f"No rule found a queue for {_told(self.fallback, self.leads)}; up to {bound:.0f} % is allowed."
            )
        return found


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with the bounds within which the true share lies, in percent."""

    share: float
    low: float
    high: float


def percent(part: int, whole: int) -> float:
    """Return a share in percent; of nothing it is 0."""
    return 100 * part / whole if whole else 0.0


def interval_of(part: int, whole: int) -> Interval:
    """Return a share with its 95 % interval after Wilson; of nothing everything is possible."""
    if not whole:
        return Interval(0.0, 0.0, 100.0)
    share, square = part / whole, _Z * _Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = _Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return Interval(100 * share, max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half)))


def difference_of(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float, float]:
    """Return by how many percentage points a share (part, whole) lies above another: at least, as counted, at most.

    By Newcombe's interval of the difference (1998, method 10), which is made of the Wilson intervals of both.
    """
    first, second = interval_of(*one), interval_of(*other)
    points = first.share - second.share
    low = points - hypot(first.share - first.low, second.high - second.share)
    return low, points, points + hypot(first.high - first.share, second.share - second.low)


def _told(part: int, whole: int) -> str:
    return f"{part} of {whole} leads ({percent(part, whole):.1f} %)"
