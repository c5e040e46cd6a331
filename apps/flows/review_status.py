"""Where the intake's and the clinic's review of a lead stand: set by who keeps the status, escalated when late (AP-07).

A status that has not moved on within its time is escalated by a wake-up, once: a task for the team that the rules
name, and a line in the story. An outside system whose word counts for a review is mirrored (`apps.flows.reported`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import Team
from apps.accounts.queries import teams_by_id
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.clashes import lock_unchanged
from apps.flows.team_tasks import ask_team, end_team_tasks
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead, Task
from apps.leads.process import span
from apps.leads.terms import LATE_REVIEWS, PATIENT
from apps.ownership.queries import change_verdict, lead_to_change, require_change
from apps.ownership.terms import ChangeCode, ChangeVerdict
from apps.qualification.models import ReviewEvent
from apps.qualification.queries import review_statuses
from apps.qualification.review_status import TRACK_WORDS, ReviewStatus, Track, status_of
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

#: The wake-up of a status at the time at which it is late.
LATE = "review.late"
#: By when the escalator looks at it.
LOOKED_AT_WITHIN = timedelta(hours=8)
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A status of one review, by its key or name, with a note if there is something to say."""

    track: str
    status: str
    note: str = ""


def record_review(
    *, actor: Actor, lead_id: UUID, said: Reviewed, now: datetime, version: int | None = None
) -> ReviewEvent:
    """Set where a review stands. What was late about the status before is settled; the new one has its own time.

    Refuses people of other teams than the one that keeps the status, closed leads, words that are no status, and leads
    that are no patient's.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    if lead.pipeline.key != PATIENT:
        raise NotFound
    status = status_of(review_statuses(now), said.track, said.status)
    if status is None:
        named = ", ".join(each.name for each in review_statuses(now) if each.track == said.track)
        sentence = f"“{said.status[:40]}” is no status of this review. One of: {named or 'none'}."
        raise Invalid(sentence, (Problem("/status", "unknown_status", sentence),))
    _require_updater(actor, lead, status, now)
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    return keep_review(lead, status, by=actor, now=now, note=said.note)


def keep_review(
    lead: Lead, status: ReviewStatus, *, by: Actor, now: datetime, note: str = "", reporter: str = ""
) -> ReviewEvent:
    """Keep where a review of a locked lead stands, with its line in the story, in the ledger, and its wake-up."""
    row = ReviewEvent(
        id=new_id(),
        lead=lead,
        track=status.track,
        status=status.key,
        name=status.name,
        note=note.strip()[:LONGEST_NOTE],
        reporter=reporter,
        actor_label=by.label,
        recorded_at=now,
        late_at=status.late_at(now),
        event_id=new_id(),
    )
    insert(row)
    end_team_tasks(lead, kind=LATE_REVIEWS[status.track], because="the review moved on", now=now)
    sentence = f"{TRACK_WORDS[status.track]}: {status.name}."
    tell(lead, kind="review", sentence=sentence, actor=by, now=now, event_id=row.event_id, note=row.note)
    ledger.record(
        actor=by,
        action="lead.review",
        object_type="lead",
        object_id=lead.id,
        event_id=row.event_id,
        fields=["review"],
        detail={"track": str(status.track), "status": status.key},
    )
    if row.late_at is not None:
        outbox.enqueue(LATE, row.id, due_at=row.late_at)
    return row


@outbox.handler(LATE)
def escalate_review(review_id: UUID, now: datetime) -> None:
    """Escalate a status that has not moved on in its time; nothing once it did, or once the lead is closed.

    However often it is called, there is one task and one line: the task carries the event of the status.
    """
    lead = lock_lead(ReviewEvent.rows().values_list("lead_id", flat=True).get(id=review_id))
    row = ReviewEvent.rows().get(id=review_id)
    last = ReviewEvent.rows().filter(lead=lead, track=row.track).order_by("-recorded_at", "-id").first()
    if lead.closed_at is not None or last is None or last.id != row.id or row.late_at is None:
        return
    if now < row.late_at:
        outbox.enqueue(LATE, row.id, due_at=row.late_at)
        return
    track = Track(row.track)
    kind = LATE_REVIEWS[track]
    if Task.rows().filter(lead=lead, kind=kind, event_id=row.event_id).exists():
        return
    status = status_of(review_statuses(row.recorded_at), track, row.status)
    team = _team(status.escalates_to if status else "")
    for_long = span(int((row.late_at - row.recorded_at).total_seconds()))
    actor = system_actor(current_organization_id(), "clock")
    title = f"{TRACK_WORDS[track]}: {row.name} for {for_long}"
    due_at = now + LOOKED_AT_WITHIN
    ask_team(lead, team=team, kind=kind, title=title, due_at=due_at, actor=actor, now=now, event_id=row.event_id)
    told = team or lead.owner_team
    sentence = f"{title}. Escalated to {told.name if told else 'the owner'}."
    tell(lead, kind="review", sentence=sentence, actor=actor, now=now, event_id=row.event_id)
    ledger.record(
        actor=actor,
        action="lead.review_escalated",
        object_type="lead",
        object_id=lead.id,
        event_id=row.event_id,
        fields=["review"],
        detail={"track": str(track), "status": row.status},
    )


def update_verdict(actor: Actor, lead: Lead, status: ReviewStatus, now: datetime) -> ChangeVerdict:
    """Say whether somebody may set a status of a lead, and who does if not: the team that keeps it, else the owner."""
    team = _team(status.updates)
    if team is None:
        return change_verdict(actor, lead, "status", now=now)
    if team.id in actor.team_ids and actor.may(Permission.LEAD_EDIT):
        return ChangeVerdict(True, ChangeCode.OK, "")
    sentence = f"{team.name} sets “{status.name}” by the rules of intake work. Ask them, with the number {lead.ref}."
    return ChangeVerdict(False, ChangeCode.LOCKED_BY_OWNER, sentence)


def _require_updater(actor: Actor, lead: Lead, status: ReviewStatus, now: datetime) -> None:
    if _team(status.updates) is None:
        require_change(actor, lead, ("status",), now=now, action="lead.review")
        return
    verdict = update_verdict(actor, lead, status, now)
    if not verdict.allowed:
        raise Refused(
            verdict.sentence, code=str(verdict.code), action="lead.review", object_type="lead", object_id=lead.id
        )


def _team(key: str) -> Team | None:
    return next((each for each in teams_by_id().values() if each.key == key and each.is_active), None) if key else None
