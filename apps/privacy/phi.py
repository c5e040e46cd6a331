"""Since when a lead is protected health information, and by which rule or whom. The first moment stays on record."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, Value

from apps.privacy.decisions import STAFF, crosses
from apps.privacy.models import PhiMark, PhiState
from apps.privacy.topics import look_at_topics


@dataclass(frozen=True, slots=True)
class Classed:
    """One word on whether a lead is PHI: since when, by which rule (`STAFF` for a person) and field, who and why."""

    is_phi: bool
    at: datetime
    rule: str
    field: str = ""
    by: str = ""
    reason: str = ""


def look_at_phi(
    subject_id: UUID,
    told: Mapping[str, str],
    *,
    now: datetime,
    triggers: AbstractSet[str] = frozenset(),
) -> None:
    """Note that a lead became PHI, where what is told now makes it that and it was not; `told` is text by field.

    The first time in one statement, which changes nothing where the lead is PHI already: two at once cannot make two
    moments. A lead that a person took for contact data is PHI again from now. What was said is not kept here, only
    the rule and the name of the field.
    """
    look_at_topics(subject_id, told, now=now)
    found = crosses(told, triggers)
    if found is None:
        return
    newest = PhiMark.rows().filter(subject_id=subject_id).order_by("-id").first()
    if newest is None:
        row = PhiState(subject_id=subject_id, since=now, rule=found.rule, field=found.field)
        PhiState.objects.bulk_create([row], ignore_conflicts=True)
    elif not newest.is_phi:
        again = PhiMark(subject_id=subject_id, is_phi=True, at=now, rule=found.rule, field=found.field)
        again.save(force_insert=True)


def classify(subject_id: UUID, *, is_phi: bool, by: str, reason: str, now: datetime) -> PhiMark:
    """Add a person's word on whether a lead is PHI; it rules until the next one, or until a rule finds more."""
    row = PhiMark(subject_id=subject_id, is_phi=is_phi, at=now, rule=STAFF, actor_label=by, reason=reason)
    row.save(force_insert=True)
    return row


def classed(subject_id: UUID) -> list[Classed]:
    """Return every word on whether a lead is PHI, the newest first; that one rules."""
    return [*_marks(subject_id), *_first(subject_id)]


def _marks(subject_id: UUID) -> list[Classed]:
    return [
        Classed(each.is_phi, each.at, each.rule, each.field, each.actor_label, str(each.reason or ""))
        for each in PhiMark.rows().filter(subject_id=subject_id).order_by("-id")
    ]


def _first(subject_id: UUID) -> list[Classed]:
    rows = PhiState.rows().filter(subject_id=subject_id)
    return [Classed(True, each.since, each.rule, each.field) for each in rows]


def state_of(subject_id: UUID) -> Classed | None:
    """Return since when a lead is PHI; None where it is contact data alone."""
    newest = next(iter(_marks(subject_id) or _first(subject_id)), None)
    return newest if newest is not None and newest.is_phi else None


def phi_among(subject_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these leads are PHI, in one query."""
    if not subject_ids:
        return frozenset()
    asked, flag = list(subject_ids), BooleanField()
    first = PhiState.rows().filter(subject_id__in=asked).annotate(is_mark=Value(False, flag), holds=Value(True, flag))
    marks = PhiMark.rows().filter(subject_id__in=asked).annotate(is_mark=Value(True, flag))
    said = first.values_list("subject_id", "is_mark", "id", "holds").union(
        marks.values_list("subject_id", "is_mark", "id", "is_phi"), all=True
    )
    newest = {subject: holds for subject, _is_mark, _id, holds in sorted(said, key=lambda each: each[1:3])}
    return frozenset(subject for subject, holds in newest.items() if holds)


def without_state(subject_ids: Collection[UUID]) -> list[UUID]:
    """Return which of these leads nobody and no rule has said anything of, in their order."""
    asked = list(subject_ids)
    known = set(PhiState.rows().filter(subject_id__in=asked).values_list("subject_id", flat=True))
    known |= set(PhiMark.rows().filter(subject_id__in=asked).values_list("subject_id", flat=True))
    return [each for each in asked if each not in known]
