"""Ask to change what another team owns: a dated request to the owner, who accepts or declines it.

The request is a task of the lead; what is proposed and why stands in the story, where the asker reads the answer.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.audit import ledger
from apps.catalog.models import Queue
from apps.flows.transfer import FOLLOW_UP_SECONDS, due_in_opening_hours
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import CHANGE_REQUEST
from apps.ownership.queries import change_verdict, lead_for, lead_to_change, require_change
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem
from apps.tenancy.ids import new_id

#: What one may ask for, with the words of the story.
ASKABLE = {"stage": "Stage", "status": "Status", "owner_team": "Owner", "outcome": "Outcome"}
LONGEST_VALUE, LONGEST_REASON = 100, 300


class Answer(StrEnum):
    """What the owner says to a request."""

    ACCEPT = "accept"
    DECLINE = "decline"


def ask_to_change(*, actor: Actor, lead_id: UUID, field: str, proposed: str, reason: str, now: datetime) -> Task:
    """Put a request before the lead's owner, due within 30 minutes of their opening hours; nothing else changes.

    Refuses people who do not see the lead, fields that are the asker's own to change, closed leads, and a request
    without a value or a reason.
    """
    lead_for(actor, lead_id)
    lead = lock_lead(lead_id)
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Ask its team to reopen it.", code="closed")
    _refuse_gaps(field, proposed, reason)
    if change_verdict(actor, lead, field, now=now).allowed:
        raise Conflict("You may change this yourself.", code="own_field")
    event_id = new_id()
    queue = Queue.rows().filter(team=lead.owner_team_id, is_active=True).order_by("key").first()
    task = open_task(
        lead,
        kind=CHANGE_REQUEST,
        title=f"{actor.label} asks to change: {ASKABLE[field]}"[:200],
        due_at=due_in_opening_hours(queue, FOLLOW_UP_SECONDS, now),
        now=now,
        event_id=event_id,
    )
    refresh_next_action(lead)
    sla.refresh_due(lead)
    tell(
        lead,
        kind="asked",
        sentence=f"Asked to change {ASKABLE[field].lower()}; {_owner(lead)} decides.",
        actor=actor,
        now=now,
        event_id=event_id,
        note=f"{ASKABLE[field]}: {proposed.strip()}\n{reason.strip()}",
    )
    ledger.record(
        actor=actor,
        action="lead.ask",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=[field],
        detail={"task": str(task.id)},
    )
    return task


def answer_request(*, actor: Actor, lead_id: UUID, task_id: UUID, answer: str, now: datetime) -> Task:
    """Accept or decline a request; its task ends, and the asker reads the answer in the story.

    Accepting is a promise: the owner makes the change by its own verb, with that verb's gates. Refuses people whose
    team does not own the lead, and a request that was answered already.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action="lead.answer")
    task = Task.rows().filter(id=task_id, lead=lead, kind=CHANGE_REQUEST).first()
    if task is None:
        raise NotFound
    if task.state != "open":
        raise Conflict("This request was answered already.", code="task_ended")
    if answer not in set(Answer):
        raise Invalid("Accept or decline.", (Problem("/answer", "missing", "Accept or decline."),))
    said = "Accepted" if answer == Answer.ACCEPT else "Declined"
    task.state, task.closed_at, task.closed_because = "done", now, said.lower()
    task.save(update_fields=["state", "closed_at", "closed_because"])
    refresh_next_action(lead)
    sla.refresh_due(lead)
    tell(lead, kind="answered", sentence=f"{said}: {task.title}.", actor=actor, now=now, event_id=task.event_id)
    ledger.record(
        actor=actor,
        action="lead.answer",
        object_type="lead",
        object_id=lead.id,
        event_id=task.event_id,
        detail={"task": str(task.id), "answer": answer},
    )
    return task


def _refuse_gaps(field: str, proposed: str, reason: str) -> None:
    problems = []
    if field not in ASKABLE:
        problems.append(Problem("/field", "unknown_field", "This is not asked for here."))
    if not proposed.strip() or len(proposed) > LONGEST_VALUE:
        problems.append(Problem("/proposed", "missing", f"Say what it should be, in {LONGEST_VALUE} characters."))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems.append(Problem("/reason", "reason_missing", f"Say why, in {LONGEST_REASON} characters."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def _owner(lead: Lead) -> str:
    if lead.owner is not None:
        return str(lead.owner.user.name)
    return lead.owner_team.name if lead.owner_team else "its team"
