"""Read pairs that may be one person, and merges."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet

from apps.identity.models import DuplicatePair, MatchDecision, Merge
from apps.identity.terms import LeadAction


def open_pairs() -> QuerySet[DuplicatePair]:
    """Return the pairs to decide, likeliest first; a pair of somebody merged away waits until that is taken back."""
    rows = DuplicatePair.rows().filter(state="open", first__merged_into__isnull=True, second__merged_into__isnull=True)
    return rows.select_related("first", "second", "version").order_by("-score", "id")


def open_pairs_of(person_id: UUID | OuterRef) -> QuerySet[DuplicatePair]:
    """Return the pairs of a person that nobody has decided, as a part of another statement or by itself."""
    rows = DuplicatePair.rows().filter(state="open", first__merged_into__isnull=True, second__merged_into__isnull=True)
    return rows.filter(Q(first_id=person_id) | Q(second_id=person_id))


def pair(pair_id: UUID, *, lock: bool = False) -> DuplicatePair | None:
    """Return a pair, decided or not; locked, it is read without its people."""
    rows = DuplicatePair.rows().filter(id=pair_id)
    return (rows.select_for_update() if lock else rows.select_related("first", "second", "version")).first()


def pair_of(one: UUID, other: UUID) -> DuplicatePair | None:
    """Return the pair of two people, locked, if it was ever offered."""
    first, second = sorted((one, other))
    return DuplicatePair.rows().select_for_update().filter(first_id=first, second_id=second).first()


def kept_apart(person_ids: Iterable[UUID]) -> frozenset[frozenset[UUID]]:
    """Return the pairs among these people of whom somebody said that they are two (rows DU-10, DU-11)."""
    ids = list(person_ids)
    rows = DuplicatePair.rows().filter(state="separate", first_id__in=ids, second_id__in=ids)
    return frozenset(frozenset(each) for each in rows.values_list("first_id", "second_id"))


def pair_after(done: DuplicatePair) -> DuplicatePair | None:
    """Return the next pair to decide after one, in the queue's order; from the end it goes on at the start."""
    rows = open_pairs().exclude(id=done.id)
    return rows.filter(Q(score__lt=done.score) | Q(score=done.score, id__gt=done.id)).first() or rows.first()


def pairs_with(person_id: UUID) -> list[DuplicatePair]:
    """Return the open and the linked pairs of a person."""
    rows = DuplicatePair.rows().filter(Q(first_id=person_id) | Q(second_id=person_id), state__in=["open", "linked"])
    rows = rows.filter(first__merged_into__isnull=True, second__merged_into__isnull=True)
    return list(rows.select_related("first", "second").order_by("-score", "id")[:20])


def joinings_of(lead_id: UUID) -> dict[UUID, MatchDecision]:
    """Return the judgements by which arrivals were joined to a lead, by submission."""
    rows = MatchDecision.rows().filter(lead_id=lead_id, action__in=[LeadAction.MERGE, LeadAction.UPDATE])
    return {each.submission_id: each for each in rows}


def split_of(lead_id: UUID) -> MatchDecision | None:
    """Return the word by which a lead was split off another one, if it was."""
    return MatchDecision.rows().filter(lead_id=lead_id, action=LeadAction.SPLIT).first()


def merges_into(person_id: UUID) -> list[Merge]:
    """Return the merges into a person that stand, newest first."""
    rows = Merge.rows().filter(survivor_id=person_id, undone_at__isnull=True)
    return list(rows.select_related("absorbed", "survivor").order_by("-merged_at", "-id"))


def merge_of(person_id: UUID, merge_id: UUID, *, lock: bool = False) -> Merge | None:
    """Return a merge into a person, standing or taken back."""
    rows = Merge.rows().filter(survivor_id=person_id, id=merge_id)
    return (rows.select_for_update() if lock else rows.select_related("absorbed", "survivor")).first()
