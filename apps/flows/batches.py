"""Give the routine leads of a queue out at its set times (row RT-12)."""

from datetime import datetime
from uuid import UUID

from apps.catalog.batches import next_batch
from apps.catalog.queries import all_hours
from apps.flows.clocks import BATCH
from apps.flows.streams import settle
from apps.leads.actions import lock_lead, move_tasks, tell
from apps.leads.models import Lead
from apps.ownership.actions import assign
from apps.routing.actions import Turned, take_turn
from apps.routing.models import RoutingDecision
from apps.routing.queries import latest_decision
from apps.routing.terms import ROUTINE
from apps.sla import actions as sla
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id


def batch_ahead(lead: Lead, decision: RoutingDecision, now: datetime) -> datetime | None:
    """Return the batch that a lead still has to wait for by its latest decision; None where it is urgent or due."""
    batch_at = decision.verdict.get("batch_at")
    found = datetime.fromisoformat(batch_at) if batch_at and lead.priority == ROUTINE else None
    return found if found is not None and found > now else None


def hasten(lead: Lead, now: datetime) -> None:
    """Give a lead out now that waits for a batch and is routine no longer."""
    if lead.priority != ROUTINE and outbox.is_asked(BATCH, lead.id):
        outbox.enqueue(BATCH, lead.id, due_at=now)


@outbox.handler(BATCH)
def give_out(lead_id: UUID, now: datetime) -> None:
    """Give a lead that waited for its batch to whose turn it is, unless somebody has it or works on it already.

    Called before the batch it plans itself anew. With nobody there the lead stays in the queue, whose longest wait
    runs, until the next batch.
    """
    lead = lock_lead(lead_id)
    decision = latest_decision(lead)
    if decision is None or not _waits(lead, decision) or lead.queue is None:
        return
    ahead = batch_ahead(lead, decision, now)
    if ahead is None:
        turn = take_turn(lead.queue, now=now, skills=decision.verdict.get("skills", ()))
        if turn.member is not None:
            _give(lead, turn, now)
            return
        ahead = next_batch(lead.queue.batch_times, all_hours()[lead.queue.calendar_id], now)
    if ahead is not None:
        outbox.enqueue(BATCH, lead.id, due_at=ahead)


def _waits(lead: Lead, decision: RoutingDecision) -> bool:
    """Whether the lead lies unowned and untouched where the rules sent it, in a queue that gives leads out."""
    is_free = lead.closed_at is None and lead.owner_id is None and lead.outreach_started_at is None
    if not is_free or lead.hold_reason or lead.exception or lead.queue is None:
        return False
    sent_to = decision.verdict.get("day_queue_key") or decision.verdict["queue_key"]
    return bool(lead.queue.key == sent_to)


def _give(lead: Lead, turn: Turned, now: datetime) -> None:
    actor, event_id = system_actor(current_organization_id()), new_id()
    assert turn.member is not None and lead.owner_team is not None and lead.queue is not None
    name = turn.member.user.name
    assign(
        lead,
        team=lead.owner_team,
        member=turn.member,
        queue=lead.queue,
        trigger="batch",
        actor=actor,
        now=now,
        reason=f"{lead.queue.name}: {turn.verdict.reason}",
        event_id=event_id,
    )
    move_tasks(lead)
    settle(lead, actor=actor, event_id=event_id, now=now)
    sla.accept(lead, at=now, by=f"given to {name}")
    how = f"in the batch of {lead.queue.name}" if lead.priority == ROUTINE else f"of {lead.queue.name}, as it is urgent"
    tell(lead, kind="assigned", sentence=f"Given to {name} {how}.", actor=actor, now=now, event_id=event_id)
