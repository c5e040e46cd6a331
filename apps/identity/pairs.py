"""Offer pairs of people who may be one, and keep what was decided about them. A pair is offered once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.identity.models import DuplicatePair
from apps.identity.terms import Band, NearMiss
from apps.policies.models import RuleSetVersion

#: So that one arrival with a common name does not fill the queue.
MOST_OFFERED = 5


def offer(person_id: UUID, near: Sequence[NearMiss], *, version: RuleSetVersion | None, now: datetime) -> None:
    """Store the likeliest of those who came near as pairs to look at; what was offered before is left as it is."""
    worth = [each for each in near if each.likeness.band is not Band.NONE and each.person_id != person_id]
    worth.sort(key=lambda each: (-each.likeness.score, each.person_id))
    pairs = [_pair(person_id, each, version, now) for each in worth[:MOST_OFFERED]]
    if pairs:
        DuplicatePair.objects.bulk_create(pairs, ignore_conflicts=True)


def decide(pair: DuplicatePair, *, state: str, reason: str, by: str, now: datetime) -> None:
    """Keep what was decided about a locked pair, by whom and why."""
    pair.state, pair.reason, pair.decided_by, pair.decided_at = state, reason[:300], by[:200], now
    pair.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def reopen(pair: DuplicatePair) -> None:
    """Let a locked pair be decided anew: its merge was taken back."""
    pair.state, pair.reason, pair.decided_by, pair.decided_at = "open", "", "", None
    pair.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _pair(person_id: UUID, near: NearMiss, version: RuleSetVersion | None, now: datetime) -> DuplicatePair:
    first, second = sorted((person_id, near.person_id))
    return DuplicatePair(
        first_id=first,
        second_id=second,
        score=near.likeness.score,
        band=near.likeness.band,
        why=near.why[:400],
        lines=[
            {"evidence": line.evidence, "points": line.points, "sentence": line.sentence}
            for line in near.likeness.lines
        ],
        version=version,
        found_at=now,
    )
