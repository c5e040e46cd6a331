"""Deciding what goes back when an arrival turns out not to be what it was joined to."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PointTold:
    """A number or address on file that the arrival told: did others tell it too, did it come with the arrival."""

    point_id: str
    told_by_others: bool
    came_with_it: bool


def values_back(
    known: Mapping[str, str],
    told: Mapping[str, str],
    others: Sequence[Mapping[str, str]],
    *,
    taken: AbstractSet[str],
    laid_aside: Mapping[str, str],
) -> dict[str, str]:
    """Return the values that only the arrival told, each with what stands there without it.

    `taken` names what the arrival gave; what a colleague changed, or another inquiry says too, stays. What was laid
    aside for it comes back; else what the newest other inquiry says (`others` is newest first); else nothing stands.
    """
    back = {}
    for name in sorted(taken):
        value = told.get(name, "")
        if not value or known.get(name, "") != value or any(each.get(name, "") == value for each in others):
            continue
        said = next((each[name] for each in others if each.get(name)), "")
        back[name] = laid_aside.get(name) or said
    return back


def points_going(points: Sequence[PointTold]) -> frozenset[str]:
    """Return the numbers and addresses that leave with the arrival: those that nobody else ever told.

    What was on file before, or another inquiry told too, stays and is on file for both.
    """
    return frozenset(each.point_id for each in points if each.came_with_it and not each.told_by_others)


def without_told(
    prior: Sequence[Mapping[str, str]], told: Mapping[str, str], back: Mapping[str, str], *, at: str
) -> list[dict[str, str]]:
    """Return the values laid aside so far without those of the arrival's own instant that are no longer anybody's.

    Those are what the arrival said and was not taken, and what was laid aside for it and stands again.
    """
    kept = []
    for each in prior:
        name, value = each.get("field", ""), each.get("value", "")
        is_its_own = each.get("at") == at and value == told.get(name, "")
        stands_again = name in back and value == back[name]
        if not (is_its_own or stands_again):
            kept.append(dict(each))
    return kept
