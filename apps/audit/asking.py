"""Questions to the ledger: by thing, actor, party, time and kind of act, newest first, page by page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet

from apps.audit.models import AuditEntry, AuditSubject


class Kind(StrEnum):
    """What kind of act is asked for."""

    READ = "read"
    CHANGE = "change"
    REFUSAL = "refusal"
    SIGN_IN = "sign_in"
    EXPORT = "export"
    BREAK_GLASS = "break_glass"


#: Acts of the sign-in, besides refused ones.
SIGN_INS = (
    "session.open",
    "session.close",
    "second_factor.add",
    "second_factor.remove",
    "second_factor.reset",
    "refused:session.open",
    "refused:key.use",
)
BREAK_GLASS = "lead.break_glass"
_READ, _REFUSAL, _EXPORT = Q(action__endswith=".read"), Q(action__startswith="refused:"), Q(action__endswith=".export")
_SIGN_IN = Q(action__in=SIGN_INS)
_OF_KIND = {
    Kind.READ: _READ,
    Kind.REFUSAL: _REFUSAL,
    Kind.SIGN_IN: _SIGN_IN,
    Kind.EXPORT: _EXPORT,
    Kind.BREAK_GLASS: Q(action=BREAK_GLASS),
    Kind.CHANGE: ~_READ & ~_REFUSAL & ~_EXPORT & ~_SIGN_IN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the ledger; whatever is None narrows nothing.

    `things` are ids that the act concerned, alone or in a list; `since` is the first instant, `until` the first
    instant no longer asked for.
    """

    things: frozenset[UUID] | None = None
    actor_id: UUID | None = None
    party_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: Kind | None = None


def page_of(asked: Asked, size: int, *, before: int | None = None) -> list[AuditEntry]:
    """Return the newest entries that answer, at most `size`, all with numbers below `before`."""
    rows = _rows(asked)
    if rows is None:
        return []
    if before is not None:
        rows = rows.filter(seq__lt=before)
    if asked.things is None:
        return list(rows.order_by("-seq")[:size])
    alone, listed = _concerning(rows, asked.things)
    return list(alone.union(listed, all=True).order_by("-seq")[:size])


def all_of(asked: Asked, most: int) -> list[AuditEntry]:
    """Return what answers, oldest first, at most `most` of it."""
    rows = _rows(asked)
    if rows is None:
        return []
    if asked.things is not None:
        alone, listed = _concerning(rows, asked.things)
        rows = alone.union(listed, all=True)
    return list(rows.order_by("seq")[:most])


def matching(asked: Asked) -> QuerySet[AuditEntry]:
    """Return the rows that answer a question that names no things, for sums over them."""
    if asked.things is not None:
        raise ValueError("a sum over named things would count lists twice")
    rows = _rows(asked)
    return AuditEntry.rows().none() if rows is None else rows


def _rows(asked: Asked) -> QuerySet[AuditEntry] | None:
    """Return the rows by everything but the things; None where the time asked for holds nothing."""
    rows = AuditEntry.rows()
    if asked.since is not None or asked.until is not None:
        span = AuditEntry.rows()
        if asked.since is not None:
            span = span.filter(at__gte=asked.since)
        if asked.until is not None:
            span = span.filter(at__lt=asked.until)
        # The numbers of a time come from an index of their own, so that walking by number starts in the right place.
        ends = span.aggregate(first=Min("seq"), last=Max("seq"))
        if ends["first"] is None:
            return None
        rows = (rows & span).filter(seq__gte=ends["first"], seq__lte=ends["last"])
    if asked.actor_id is not None:
        rows = rows.filter(actor_id=asked.actor_id)
    if asked.party_id is not None:
        rows = rows.filter(party_id=asked.party_id)
    return rows if asked.kind is None else rows.filter(_OF_KIND[asked.kind])


def _concerning(
    rows: QuerySet[AuditEntry], things: Collection[UUID]
) -> tuple[QuerySet[AuditEntry], QuerySet[AuditEntry]]:
    """Return the entries of the things alone, and those of lists in which they stood: two index look-ups."""
    listed = AuditSubject.rows().filter(subject_id__in=things)
    return rows.filter(object_id__in=things), rows.filter(seq__in=listed.values("seq"))
