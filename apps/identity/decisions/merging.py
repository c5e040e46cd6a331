"""Deciding what a merge keeps of two people, field by field, and whether a merge can still be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.identity.decisions.freshness import SAID_FIELDS, is_part_of_name

#: What belongs to the place and goes with whoever gave the postal code, or without one the city.
PLACE_FIELDS = ("latitude", "longitude", "zone")
_NEWEST_FIRST = {"valid": 0, "unverified": 1, "invalid": 2}


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field: what is kept, what is laid aside, whose value is kept, and why."""

    field: str
    kept: str
    other: str
    from_absorbed: bool
    why: str

    @property
    def differs(self) -> bool:
        """Whether the two people say different things."""
        return bool(self.other) and self.kept != self.other


@dataclass(frozen=True, slots=True)
class PointFact:
    """A number or address as the choice of the first one to use sees it; `said_at` is when it was last told."""

    point_id: str
    kind: str
    validity: str
    verified_at: datetime | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class SinceMerge:
    """What happened to the people of a merge since: each name is one that a reader knows."""

    changed_fields: Sequence[str] = ()
    new_leads: Sequence[str] = ()
    moved_leads: Sequence[str] = ()
    changed_points: int = 0
    new_points: int = 0
    new_consents: int = 0
    later_merges: int = 0


def choose_fields(
    survivor: Mapping[str, str],
    absorbed: Mapping[str, str],
    *,
    survivor_said_at: Mapping[str, datetime],
    absorbed_said_at: Mapping[str, datetime],
    picked: Iterable[str] = (),
) -> tuple[FieldChoice, ...]:
    """Say for every field whose value the merged person has (row DU-05).

    A blank never wipes a value. Of two values the one that was said last is kept, but a part of a name never
    replaces the whole. `picked` names the fields whose other value the reviewer chose instead.
    """
    turned = set(picked)
    choices = []
    for field in SAID_FIELDS:
        mine, theirs = survivor.get(field, ""), absorbed.get(field, "")
        is_newer = absorbed_said_at[field] > survivor_said_at[field]
        takes, why = _takes_theirs(field, mine, theirs, is_newer)
        if field in turned and mine and theirs and mine != theirs:
            takes, why = not takes, "chosen"
        kept, other = (theirs, mine) if takes else (mine, theirs)
        choices.append(FieldChoice(field, kept, other, takes, why))
    return tuple(choices)


def takes_their_place(choices: Iterable[FieldChoice]) -> bool:
    """Whether the place on the map is the absorbed person's: it goes with the postal code, else with the city."""
    by_field = {each.field: each for each in choices}
    for name in ("postal_code", "city"):
        if by_field[name].kept:
            return by_field[name].from_absorbed
    return False


def first_points(points: Sequence[PointFact]) -> frozenset[str]:
    """Return the number and the address to use first: verified last, else the more valid, else the last told."""
    best: dict[str, PointFact] = {}
    for point in sorted(points, key=_worth):
        best.setdefault(point.kind, point)
    return frozenset(each.point_id for each in best.values())


def obstacles_to_unmerge(since: SinceMerge) -> tuple[str, ...]:
    """Say what makes it unclear whose something is; without any, both people can be had back exactly."""
    found = []
    if since.later_merges:
        found.append("A later merge of this person must be taken back first.")
    if since.new_leads:
        found.append(f"{_listed(since.new_leads)} came since: it is unclear which of the two asked.")
    if since.moved_leads:
        found.append(f"{_listed(since.moved_leads)} belongs to somebody else by now.")
    if since.new_points or since.changed_points:
        found.append("Numbers or addresses were added or changed since: it is unclear whose they are.")
    if since.changed_fields:
        found.append(f"Changed since: {_listed(since.changed_fields)}. It is unclear for whom that holds.")
    if since.new_consents:
        found.append("A permission was given or taken back since: it is unclear by which of the two.")
    return tuple(found)


def _takes_theirs(field: str, mine: str, theirs: str, is_newer: bool) -> tuple[bool, str]:
    if mine == theirs:
        return False, "same"
    if not theirs or not mine:
        return not mine, "the other is blank"
    if is_part_of_name(field, mine, theirs) or is_part_of_name(field, theirs, mine):
        return is_part_of_name(field, mine, theirs), "a name over its initial or part"
    return is_newer, "said last"


def _worth(point: PointFact) -> tuple[int, float, int, float]:
    verified = -point.verified_at.timestamp() if point.verified_at else 0.0
    is_unproven = 1 if point.verified_at is None or point.validity == "invalid" else 0
    return is_unproven, verified, _NEWEST_FIRST[point.validity], -point.said_at.timestamp()


def _listed(words: Sequence[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)
