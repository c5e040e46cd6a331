"""Deciding what a merge keeps of two people, field by field, and whether a merge can still be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from apps.identity.decisions.freshness import SAID_FIELDS, is_part_of_name

#: What belongs to the place and goes with whoever gave the postal code, or without one the city.
PLACE_FIELDS = ("latitude", "longitude", "zone", "zone_by")
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


class Whose(StrEnum):
    """To whom something belongs that came since a merge which is taken back."""

    SURVIVOR = "survivor"
    ABSORBED = "absorbed"


@dataclass(frozen=True, slots=True)
class SinceMerge:
    """What happened to the people of a merge since. All but the last two is a question: to whom does it belong?

    Leads, numbers and permissions are named by id, permissions by their arrival where they came with one.
    """

    fields: Sequence[str] = ()
    leads: Sequence[str] = ()
    points: Sequence[str] = ()
    consents: Sequence[str] = ()
    moved_leads: Sequence[str] = ()
    later_merges: int = 0

    @property
    def questions(self) -> tuple[str, ...]:
        """The keys of what somebody has to say whose it is."""
        named = (("field", self.fields), ("lead", self.leads), ("point", self.points), ("consent", self.consents))
        return tuple(f"{kind}:{key}" for kind, keys in named for key in keys)


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


def obstacle_to_unmerge(since: SinceMerge) -> str:
    """Say why a merge cannot be taken back whatever is answered; "" where it can."""
    return "A later merge of this person must be taken back first." if since.later_merges else ""


def unanswered(since: SinceMerge, answers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what came since and nobody has said of whose it is: silence gives nothing to anybody."""
    return tuple(key for key in since.questions if answers.get(key) not in set(Whose))


def theirs(since: SinceMerge, answers: Mapping[str, str], kind: str) -> frozenset[str]:
    """Return what goes to the absorbed person, of one kind."""
    keys = (key for key in since.questions if answers.get(key) == Whose.ABSORBED)
    return frozenset(key.partition(":")[2] for key in keys if key.startswith(f"{kind}:"))


def part_fields(
    now: Mapping[str, Any],
    survivor: Mapping[str, Any],
    absorbed: Mapping[str, Any],
    *,
    changed: Sequence[str],
    theirs: AbstractSet[str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both records after a merge is taken back: as before it, each with what was said of it since.

    `now` is the merged record, `changed` what was said since. The place on the map goes with the postal code, else
    with the city.
    """
    mine, other = dict(survivor), dict(absorbed)
    said = dict(now.get("said_at") or {})
    for name in changed:
        side = other if name in theirs else mine
        side[name] = now[name]
        if name in said:
            side["said_at"] = {**dict(side.get("said_at") or {}), name: said[name]}
    home = next((name for name in ("postal_code", "city") if name in changed), "")
    for name in PLACE_FIELDS if home else ():
        (other if home in theirs else mine)[name] = now[name]
    return mine, other


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
