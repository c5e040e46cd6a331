"""Hand a lead from the after-hours queue to its day queue when that opens."""

from datetime import datetime
from uuid import UUID

from apps.catalog.models import Queue
from apps.flows.batches import batch_ahead
from apps.flows.clocks import BATCH, queue_clock
from apps.flows.streams import settle
from apps.flows.worklists import queue_for
from apps.leads.actions import lock_lead, move_tasks, tell
from apps.ownership.actions import assign
from apps.routing.actions import room_for, take_turn
from apps.routing.queries import latest_decision, opening_of
from apps.sla import actions as sla
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id


@outbox.handler("routing.day")
def hand_to_day_queue(lead_id: UUID, now: datetime) -> None:
    """Give the lead to the queue that routing kept for the day, unless somebody works on it already.

    The day team sees it first in its queue; its clock was counted on the day queue's hours from the start. A routine
    lead waits there for the batch, where the queue has batches. With nobody there to take it, the queue's longest
    wait begins. Called too early (the opening moved), it plans itself anew.
    """
    lead = lock_lead(lead_id)
    decision = latest_decision(lead)
    day_key = decision.verdict.get("day_queue_key") if decision else None
    if decision is None or not day_key or lead.closed_at is not None or lead.outreach_started_at is not None:
        return
    day = Queue.rows().select_related("team", "calendar").filter(key=day_key, is_active=True).first()
    if day is None or lead.queue_id != decision.queue_id:
        return
    opens_at = opening_of(day, now)
    if opens_at > now:
        outbox.enqueue("routing.day", lead.id, due_at=opens_at)
        return
    actor, event_id = system_actor(current_organization_id()), new_id()
    day = queue_for(lead, day, now)
    opened, (day, full) = day, room_for(lead.id, day, now)
    skills = decision.verdict.get("skills", ())
    begins = batch_ahead(lead, decision, now) if day == opened else None
    member = None
    if begins is not None:
        outbox.enqueue(BATCH, lead.id, due_at=begins)
    elif day.method == "round_robin":
        member = take_turn(day, now=now, skills=skills).member
    because = f"{opened.name} has opened" + (f"; {full}" if full else "")
    assign(
        lead,
        team=day.team,
        member=member,
        queue=day,
        trigger="opening",
        actor=actor,
        now=now,
        reason=because,
        event_id=event_id,
    )
    move_tasks(lead)
    settle(lead, actor=actor, event_id=event_id, now=now)
    if member is not None:
        sla.accept(lead, at=now, by=f"given to {member.user.name}")
    else:
        waits = queue_clock(day.max_wait_seconds, begins or now, is_batch=begins is not None)
        sla.start_timers(lead, [waits], policy_id="queue", policy_name=day.name, version=None)
        sla.refresh_due(lead)
    tell(
        lead,
        kind="assigned",
        sentence=f"{because}: {day.name} takes over." if full else f"{day.name} has opened and takes over.",
        actor=actor,
        now=now,
        event_id=event_id,
    )
