"""How a lead stood before a change of owner or plan, and how it is put back: owner, tasks, clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Membership, Team
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.flows.handing_over import hand_over
from apps.flows.streams import settle
from apps.leads.actions import move_tasks, refresh_next_action, restore_tasks, tell
from apps.leads.models import Lead, Task
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id

REASON = "Taken back"


def state_of(lead: Lead) -> dict[str, Any]:
    """Return the ids of what a lead has now: owner, queue, open tasks with their state, running clocks."""
    tasks = Task.rows().filter(lead=lead, state__in=["open", "suppressed"]).values_list("id", "state")
    timers = sla.running_timers(lead).values_list("id", flat=True)
    return {
        "team": str(lead.owner_team_id),
        "member": str(lead.owner_id) if lead.owner_id else "",
        "queue": str(lead.queue_id) if lead.queue_id else "",
        "tasks": {str(task_id): state for task_id, state in tasks},
        "timers": [str(each) for each in timers],
    }


def restore(lead: Lead, before: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Put a locked lead back to how it stood; tasks and clocks that came since end, those that ended go on.

    Whether it may be put back was decided before: the same person, shortly after, and nothing changed since.
    """
    event_id = new_id()
    team = Team.rows().get(id=before["team"])
    member_id = UUID(before["member"]) if before["member"] else None
    if team.id != lead.owner_team_id or member_id != lead.owner_id:
        hand_over(
            lead,
            team=team,
            member=Membership.rows().select_related("user").get(id=member_id) if member_id else None,
            queue=Queue.rows().filter(id=before["queue"]).first() if before["queue"] else None,
            trigger="undo",
            actor=actor,
            now=now,
            reason=REASON,
            event_id=event_id,
            keeps_view=False,
        )
    restore_tasks(lead, {UUID(each): state for each, state in before["tasks"].items()}, now=now)
    move_tasks(lead)
    settle(lead, actor=actor, event_id=event_id, now=now)
    refresh_next_action(lead)
    sla.restore_timers(lead, [UUID(each) for each in before["timers"]], now=now)
    tell(lead, kind="undo", sentence="Taken back by who did it.", actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.undo",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["owner_team", "owner", "queue", "next_action_at"],
    )
