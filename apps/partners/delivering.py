"""What a delivery is at the door, whichever door it is: the envelope, and what a source does not take."""

from datetime import datetime
from typing import Any

from apps.capture.actions import Envelope
from apps.capture.manual import manual_gaps, reason_in
from apps.capture.schema import LeadPost
from apps.catalog.models import Source
from apps.catalog.queries import source_or_unknown, spec_of
from apps.catalog.terms import ConsentStep
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem


def envelope_of(actor: Actor, post: LeadPost, payload: dict[str, Any], now: datetime, key: str) -> Envelope:
    """Return the envelope of a body that has its shape.

    Refuses a source of another party, a body without consent where the source insists on it, and a lead typed by
    hand without a known source or a reason (row VQ-15).
    """
    source = source_or_unknown(post.source)
    problems = _source_problems(actor, post, source)
    if post.capture_method == "manual":
        known = source.key == post.source
        problems += manual_gaps(source=post.source, is_known=known, reason=reason_in(payload))
    if problems:
        raise Invalid(problems[0].detail, problems, code=problems[0].code)
    return Envelope(
        source=source,
        source_typed=post.source,
        payload=payload,
        capture_method=post.capture_method or "api",
        event_at=post.submitted_at or now,
        received_at=now,
        external_id=(post.external_id or "").strip(),
        idempotency_key=key,
        party_id=actor.party_id or source.party_id,
        is_test=actor.is_test_key or post.is_test is True,
    )


def _source_problems(actor: Actor, post: LeadPost, source: Source) -> tuple[Problem, ...]:
    if source.party_id is not None and actor.is_agency and source.party_id != actor.party_id:
        return (Problem("/source", "source_not_yours", "This source belongs to another party."),)
    if not post.consent and spec_of(source).consent_step is ConsentStep.REFUSE:
        detail = "This source must say what the person agreed to."
        return (Problem("/consent", "consent_missing", detail),)
    return ()
