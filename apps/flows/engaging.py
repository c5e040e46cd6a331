"""What people do with what we sent: kept once each as a fact for scoring, told in the lead's story (row SC-15)."""

from datetime import datetime
from uuid import UUID

from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.leads.terms import LOOK_AGAIN, WANTS_VISIT
from apps.outreach.models import Engagement, Message
from apps.outreach.terms import ENGAGEMENT_WORDS, THEIR_DOING, EngagementKind
from apps.ownership.queries import lead_for, require_change
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.writing import insert

LONGEST = 80


def note_engagement(
    lead: Lead,
    kind: EngagementKind,
    *,
    reference: str,
    actor: Actor,
    happened_at: datetime,
    now: datetime,
    message: Message | None = None,
) -> Engagement | None:
    """Keep one event of a locked lead, and let the rules look again; None where it is known already.

    That something arrived or was opened again is no news for the story.
    """
    key = reference[:LONGEST]
    if Engagement.rows().filter(lead=lead, kind=kind, reference=key).exists():
        return None
    row = Engagement(
        lead=lead,
        person_id=lead.contact_person_id or lead.person_id,
        message=message,
        kind=kind,
        reference=key,
        source_label=actor.label,
        happened_at=min(happened_at, now),
        recorded_at=now,
    )
    insert(row)
    if kind in THEIR_DOING:
        if kind is not EngagementKind.REPLIED:
            what = f"{message.title}: " if message is not None else ""
            sentence = f"{what}{ENGAGEMENT_WORDS[kind]}."
            tell(lead, kind="engaged", sentence=sentence[:1].upper() + sentence[1:], actor=actor, now=row.happened_at)
        outbox.enqueue(LOOK_AGAIN, lead.id)
    if kind is EngagementKind.SCHEDULING_LINK and lead.closed_at is None:
        outbox.enqueue(WANTS_VISIT, lead.id)
    return row


def note_message_engagement(
    message: Message, kind: EngagementKind, *, actor: Actor, happened_at: datetime, now: datetime
) -> Engagement | None:
    """Keep what happened to one message, once; a closed lead keeps it too, and nothing looks again."""
    lead = lock_lead(message.lead_id)
    return note_engagement(
        lead, kind, reference=str(message.id), actor=actor, happened_at=happened_at, now=now, message=message
    )


def record_engagement(
    *, actor: Actor, lead_id: UUID, kind: EngagementKind, reference: str, happened_at: datetime, now: datetime
) -> Engagement | None:
    """Record what a tool of the clinic saw, such as its scheduling page; None where it was recorded before.

    Refuses who does not see the lead or may not edit any, an event without the name of its message or link, and one
    in the future.
    """
    lead_for(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("notes",), now=now, action="lead.engagement")
    problems = []
    if not reference.strip():
        problems.append(Problem("/reference", "missing", "Name the message or the link."))
    if happened_at > now:
        problems.append(Problem("/happened_at", "in_the_future", "It cannot lie in the future."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    if lead.closed_at is not None:
        raise Conflict("This lead is closed.", code="closed")
    return note_engagement(lead, kind, reference=reference.strip(), actor=actor, happened_at=happened_at, now=now)
