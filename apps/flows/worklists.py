"""Keep leads out of queues that work by channels alone that the person refused, whichever way they come (row CN-05)."""

from datetime import datetime
from uuid import UUID

from apps.catalog.models import Queue
from apps.catalog.queries import queues_by_key
from apps.catalog.terms import QueueMethod
from apps.consent.queries import states_of
from apps.leads.actions import move_tasks, tell
from apps.leads.models import Lead
from apps.ownership.actions import assign
from apps.routing.actions import take_turn
from apps.routing.decisions.worklists import by_channel
from apps.routing.queries import network
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict

TRIGGER = "consent"


def queue_for(lead: Lead, queue: Queue, now: datetime) -> Queue:
    """Return the queue that may hold a lead instead of this one: itself, unless it works by what they refused alone.

    No query for a queue that works by any channel.
    """
    if not queue.channels:
        return queue
    person = lead.contact_person_id or lead.person_id
    states = states_of([person], now, lead_id=lead.id)[person]
    facts = {f"consent_{channel}": str(state.value) for channel, state in states.items()}
    world = network(now, None, besides=lead.id)
    fact = next(each for each in world.queues if each.key == queue.key)
    found: Queue = queues_by_key()[by_channel(fact, world, facts).key]
    return found


def queue_of_team(lead: Lead, queue: Queue, now: datetime) -> Queue:
    """Return the queue in which the team of this one takes a lead: this one, where the team has no other."""
    found = queue_for(lead, queue, now)
    return found if found.team_id == queue.team_id else queue


def require_queue(lead: Lead, queue: Queue | None, now: datetime) -> None:
    """Raise Conflict where a team works by what the person refused alone; names the queue that would take the lead."""
    if queue is None or (found := queue_for(lead, queue, now)).team_id == queue.team_id:
        return
    ways = " and ".join(queue.channels)
    sentence = f"{queue.name} works by {ways} alone, and they refused that. {found.name} ({found.team.name}) takes it."
    raise Conflict(sentence, code="channel_refused")


def leave_refused(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Move a locked lead out of a queue that works by what they refused alone, to its team's other queue first.

    Whoever owns it keeps it. A lead that a person of a team without another queue owns stays with that person.
    """
    if lead.queue_id is None:
        return
    queue = Queue.rows().select_related("team").get(id=lead.queue_id)
    found = queue_for(lead, queue, now)
    stays = found.team_id == lead.owner_team_id
    if found.id == queue.id or (lead.owner_id is not None and not stays):
        return
    member = lead.owner if stays else None
    if member is None and found.method == QueueMethod.ROUND_ROBIN:
        member = take_turn(found, now=now).member
    because = f"{queue.name} works by {' and '.join(queue.channels)} alone, which they refused"
    assign(
        lead,
        team=found.team,
        member=member,
        queue=found,
        trigger=TRIGGER,
        actor=actor,
        now=now,
        reason=because,
        event_id=event_id,
    )
    move_tasks(lead)
    tell(lead, kind="assigned", sentence=f"{because}: {found.name} has it.", actor=actor, now=now, event_id=event_id)
