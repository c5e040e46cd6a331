"""Whose data somebody saw: from the ledger's reads to persons (row AU-05)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.audit.asking import Asked, Kind, page_of
from apps.audit.models import AuditEntry
from apps.catalog.terms import PrivacyClass
from apps.compliance.subjects import people_shown
from apps.compliance.words import classes_of

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Affected:
    """Persons with the number of reads that showed them, and how many things read lead to no person.

    `lost` are files, webhooks and arrivals that became no lead: they have to be looked at by hand.
    """

    reads: dict[UUID, int]
    entries: int
    lost: int


def affected(
    *,
    actor_ids: frozenset[UUID],
    since: datetime,
    until: datetime,
    classes: frozenset[PrivacyClass] = frozenset(),
) -> Affected:
    """Return whose data these actors were shown from `since` to before `until`; of these classes, where some are named.

    A read whose entry does not say which fields it showed counts for every class: better one letter too many.
    """
    reads: dict[UUID, int] = defaultdict(int)
    entries = lost = 0
    for actor_id in actor_ids:
        for chunk in _chunks(Asked(actor_id=actor_id, since=since, until=until, kind=Kind.READ)):
            told = [each for each in chunk if _concerns(each, classes)]
            found, nobody = people_shown(told)
            for person_id, seqs in found.items():
                reads[person_id] += len(seqs)
            entries, lost = entries + len(told), lost + nobody
    return Affected(dict(reads), entries, lost)


def _concerns(entry: AuditEntry, classes: frozenset[PrivacyClass]) -> bool:
    shown = classes_of(entry.object_type, entry.fields)
    return not classes or not shown or bool(shown & classes)


def _chunks(asked: Asked) -> Iterator[list[AuditEntry]]:
    before: int | None = None
    while chunk := page_of(asked, CHUNK, before=before):
        yield chunk
        before = chunk[-1].seq
