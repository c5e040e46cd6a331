"""Plan the next steps of a lead by hand: dated tasks, added and completed."""

from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.flows.precontact import refuse_contact
from apps.flows.streams import CONTACT_KINDS, plan_contact, settle
from apps.flows.team_tasks import ends_it
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import REQUESTS, VISIT_OUTCOME
from apps.ownership.queries import lead_for, require_change
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem
from apps.tenancy.ids import new_id

#: Tasks that end only by logging the contact, because an outcome must be on record (row TK-04).
ENDED_BY_CONTACT = frozenset({"call", "text", "email"})


def add_task(*, actor: Actor, lead_id: UUID, title: str, due_at: datetime, now: datetime, channel: str = "") -> Task:
    """Give a lead one more dated task; the earliest open one is its next action.

    A contact waits while another lead reaches out to the person; the look at that one is then what is open.

    Refuses people whose team does not own the lead, closed leads, a task without a title or in the past, and a contact
    with somebody whose inquiry is reviewed first.
    """
    lead_for(actor, lead_id)
    lead = lock_lead(lead_id)
    judge_task(actor, lead, title, due_at, now)
    event_id = new_id()
    said = title.strip()[:200]
    if channel in CONTACT_KINDS:
        refuse_contact(lead)
        task = plan_contact(lead, channel=channel, title=said, due_at=due_at, now=now, event_id=event_id, actor=actor)
    else:
        task = open_task(lead, kind="follow_up", title=said, due_at=due_at, now=now, event_id=event_id)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    tell(lead, kind="task", sentence=f"Planned: {task.title}", actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="task.add",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["next_action_at"],
        detail={"task": str(task.id)},
    )
    return task


def judge_task(actor: Actor, lead: Lead, title: str, due_at: datetime, now: datetime) -> None:
    """Raise what `add_task` refuses a lead with."""
    require_change(actor, lead, ("status",), now=now, action="task.add")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you plan.", code="closed")
    problems = []
    if not title.strip():
        problems.append(Problem("/title", "missing", "Say what is to be done."))
    if due_at <= now:
        problems.append(Problem("/due_at", "in_the_past", "A task needs a date in the future."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def complete_task(*, actor: Actor, lead_id: UUID, task_id: UUID, now: datetime) -> Task:
    """End an open task as done.

    What another team was asked to do, that team ends too. Refuses people whose team does not own the lead, contact
    tasks (log the contact instead), and the last task of an open lead, which would be left without a next action
    (row ST-16).
    """
    lead_for(actor, lead_id)
    lead = lock_lead(lead_id)
    task = Task.rows().filter(id=task_id, lead=lead).first()
    if task is None or not ends_it(actor, task):
        require_change(actor, lead, ("status",), now=now, action="task.complete")
    if task is None:
        raise NotFound
    if task.state not in ("open", "suppressed"):
        raise Conflict("This task has ended already.", code="task_ended")
    if task.kind in ENDED_BY_CONTACT:
        sentence = "This task ends when you log the contact with its outcome."
        raise Invalid(sentence, (Problem("/outcome", "outcome_missing", sentence),), code="incomplete")
    if task.kind == VISIT_OUTCOME:
        sentence = "This task ends when you say on the visit what came of it."
        raise Invalid(sentence, (Problem("/state", "outcome_missing", sentence),), code="incomplete")
    if task.kind in REQUESTS:
        sentence = "Accept or decline the request; that ends it."
        raise Invalid(sentence, (Problem("/state", "answer_missing", sentence),), code="incomplete")
    others = Task.rows().filter(lead=lead, state="open").exclude(id=task.id)
    if lead.closed_at is None and not others.exists():
        sentence = "Plan the next step first: an open lead is never without one."
        raise Invalid(sentence, (Problem("/due_at", "next_action_at_missing", sentence),), code="incomplete")
    task.state, task.closed_at, task.closed_because = "done", now, "completed"
    task.save(update_fields=["state", "closed_at", "closed_because"])
    event_id = new_id()
    settle(lead, actor=actor, event_id=event_id, now=now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    tell(lead, kind="task", sentence=f"Done: {task.title}", actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="task.complete",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["next_action_at"],
        detail={"task": str(task.id)},
    )
    return task
