"""Reviews: what people have to look at by a date, opened by time, by numbers or by a change, and closed in words."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.policies.models import Review
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused


def open_review(
    *,
    kind: str,
    subject: str,
    sentence: str,
    dedup_key: str,
    due_on: date,
    now: datetime,
    rules: Sequence[str] = (),
    url: str = "",
) -> Review:
    """Open a review, or return the one that was opened for the same matter before."""
    review: Review = Review.objects.get_or_create(
        dedup_key=dedup_key[:120],
        defaults={
            "kind": kind,
            "subject": subject[:120],
            "sentence": sentence[:300],
            "rules": list(rules),
            "url": url[:300],
            "opened_at": now,
            "due_on": due_on,
        },
    )[0]
    return review


def close_review(*, actor: Actor, review_id: UUID, outcome: str, now: datetime) -> Review:
    """Close a review with what came of it. Refuses whoever may not write rules, blank words, and a closed one."""
    if not actor.may(Permission.RULES_WRITE):
        raise Refused("You may not close reviews of rules.", action="review.close", object_type="review")
    review = Review.rows().select_for_update().filter(id=review_id).first()
    if review is None:
        raise NotFound("There is no such review.")
    if review.closed_at is not None:
        raise Conflict("This review is closed already.")
    if not outcome.strip():
        raise Invalid("Say what came of it.", (Problem("/outcome", "outcome_missing", "Say what came of it."),))
    review.closed_at, review.closed_by_id, review.outcome = now, actor.membership_id, outcome.strip()[:500]
    review.save(update_fields=["closed_at", "closed_by", "outcome"])
    ledger.record(actor=actor, action="review.close", object_type="review", object_id=review.id)
    return review
