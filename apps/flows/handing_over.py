"""The common part of every change of owner by people or stages: owner, grants and tasks together."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership, Team
from apps.catalog.models import Queue
from apps.flows.worklists import queue_of_team
from apps.handoffs.actions import end_open
from apps.leads.actions import close_tasks, move_tasks
from apps.leads.models import Lead
from apps.ownership.actions import NOT_RULED, Ruled, assign
from apps.ownership.models import Spell
from apps.sla import actions as sla
from apps.sla.terms import ClockKind, ClockMode, Deadline, LadderStep, Step
from apps.tenancy.actor import Actor

CONTACT_TASKS = ("call", "text", "email", "follow_up", "coordinate")
#: Those of a lead that stands back: its contacts wait, with the look at the other lead.
OWN_TASKS = ("follow_up",)


def hand_over(
    lead: Lead,
    *,
    team: Team,
    member: Membership | None,
    queue: Queue | None,
    trigger: str,
    actor: Actor,
    now: datetime,
    reason: str,
    event_id: UUID,
    keeps_view: bool,
    ruling: Ruled = NOT_RULED,
) -> Spell:
    """Change the owner and let the open tasks follow; the caller decided that it may happen.

    Another team's lead waits for no answer to a handoff any more. It lies in the team's queue for a channel that the
    person permits (row CN-05).
    """
    if lead.owner_team_id != team.id and end_open(lead, actor=actor, now=now, because=f"It went to {team.name}."):
        sla.cancel_all(lead, now=now, because="went another way", kinds=[ClockKind.ACCEPTANCE])
    if queue is not None:
        queue = queue_of_team(lead, queue, now)
    spell = assign(
        lead,
        team=team,
        member=member,
        queue=queue,
        trigger=trigger,
        actor=actor,
        now=now,
        reason=reason,
        event_id=event_id,
        keeps_view=keeps_view,
        ruling=ruling,
    )
    move_tasks(lead)
    return spell


def close_contact_tasks(lead: Lead, *, because: str, now: datetime) -> None:
    """End the tasks that asked the old owner to reach out; what waits for another lead goes on waiting (row DU-07)."""
    kinds = CONTACT_TASKS if lead.shares_stream_with_id is None else OWN_TASKS
    close_tasks(lead, because=because, now=now, kinds=kinds, state="cancelled")


def start_outreach(lead: Lead, due_at: datetime, seconds: int, now: datetime, *, policy_id: str, name: str) -> None:
    """Start the clock of the new owner's first outreach; unstarted at its end, owner and team's lead hear (HO-06)."""
    kinds = [ClockKind.FOLLOW_UP, ClockKind.ACCEPTANCE]
    sla.cancel_all(lead, now=now, because="handed over", kinds=kinds)
    ladder = (LadderStep(due_at, Step.ALERT, "owner", 1), LadderStep(due_at, Step.ALERT, "team_lead", 2))
    deadline = Deadline(
        ClockKind.FOLLOW_UP, ClockMode.BUSINESS, now, now + (due_at - now) * 4 // 5, due_at, seconds, ladder
    )
    sla.start_timers(lead, [deadline], policy_id=policy_id, policy_name=name[:200], version=None)
    sla.refresh_due(lead)
