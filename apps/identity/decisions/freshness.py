"""Deciding what an arrival changes of a person on file: by when each of their values was last said (row DU-05)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.identity.names import first_name_relation, last_parts
from apps.identity.terms import NameRelation

#: Fields that a person says of themselves; reviewers see them and may choose.
SAID_FIELDS = ("first_name", "last_name", "date_of_birth", "language", "city", "region", "postal_code")


@dataclass(frozen=True, slots=True)
class Heard:
    """One field that was told: its value from now on, when that was said, and what is laid aside, if anything."""

    field: str
    kept: str
    said_at: datetime
    laid_aside: str
    is_taken: bool


def hear(
    known: Mapping[str, str],
    told: Mapping[str, str],
    *,
    known_at: Mapping[str, datetime],
    told_at: datetime,
) -> tuple[Heard, ...]:
    """Say for every field that was told whether the value on file gives way.

    A blank wipes nothing. Of two values the one that was said last is kept, whichever came in first: a file of
    last year changes nothing that was said this year. A part of a name never replaces the whole.
    """
    found = []
    for field in SAID_FIELDS:
        old, new = known.get(field, ""), told.get(field, "")
        if not new:
            continue
        old_at = known_at[field]
        if new == old:
            found.append(Heard(field, old, max(old_at, told_at), "", is_taken=False))
        elif not old:
            found.append(Heard(field, new, told_at, "", is_taken=True))
        elif is_part_of_name(field, new, old) or (told_at < old_at and not is_part_of_name(field, old, new)):
            found.append(Heard(field, old, old_at, new, is_taken=False))
        else:
            found.append(Heard(field, new, told_at, old, is_taken=True))
    return tuple(found)


def is_part_of_name(field: str, one: str, other: str) -> bool:
    """Say whether one value is the other's initial or one of its several names; only names have parts."""
    if field == "first_name":
        is_initial = first_name_relation(one, other) is NameRelation.INITIAL
        return len(one) < len(other) and (is_initial or _begins(one, other))
    if field == "last_name":
        return set(last_parts(one)) < set(last_parts(other))
    return False


def with_prior(prior: Iterable[Mapping[str, str]], heard: Iterable[Heard], now: datetime) -> list[dict[str, str]]:
    """Return the values laid aside so far and now, each once; what is said again is no longer laid aside."""
    found = [dict(each) for each in prior]
    for each in heard:
        found = [row for row in found if (row.get("field"), row.get("value")) != (each.field, each.kept)]
        known = {(row.get("field"), row.get("value")) for row in found}
        if each.laid_aside and (each.field, each.laid_aside) not in known:
            found.append({"field": each.field, "value": each.laid_aside, "at": now.isoformat()})
    return found


def _begins(one: str, other: str) -> bool:
    """ "Ann" is the beginning of "Ann Marie"."""
    short, long = one.casefold().split(), other.casefold().split()
    return bool(short) and long[: len(short)] == short
