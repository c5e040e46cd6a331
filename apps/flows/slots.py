"""Open slots, told by a scheduling system or a person; how soon leads can be seen, and which high scores cannot."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.catalog.providers import Heard, Taken, providers_by_key, slot_days, slots_of, take_slots
from apps.leads.models import Lead
from apps.leads.terms import LOOK_AGAIN
from apps.policies.compiling import compiled
from apps.policies.decisions.compiled import texts_in
from apps.policies.decisions.documents import as_document, as_items, as_text, as_whole
from apps.policies.queries import live_document, versions_in_force
from apps.routing.decisions.outlook import Outlook, Slots, slot_outlook
from apps.routing.decisions.providers import ESTABLISHED
from apps.routing.providers import facts_from
from apps.tenancy import outbox
from apps.tenancy.actor import Actor

IN_TIME, BOOKED = "slot_in_time", "booked"


def tell_slots(*, actor: Actor, told: Sequence[Heard], now: datetime) -> Taken:
    """Keep which slots are open; after commit the open leads of a service whose slots changed are looked at again.

    They are only where a rule in force reads whether there is a slot in time. Refuses and raises as `take_slots` does.
    """
    taken = take_slots(actor=actor, told=told, now=now)
    services = {told[place].service for place in taken.changed}
    if services and _is_read(now):
        rows = Lead.rows().filter(closed_at__isnull=True, service__key__in=services)
        outbox.enqueue_many(LOOK_AGAIN, list(rows.values_list("id", flat=True)))
    return taken


def _is_read(now: datetime) -> bool:
    versions = versions_in_force(now)
    return any(IN_TIME in compiled(versions[kind], texts_in) for kind in ("scoring", "routing") if kind in versions)


def outlooks_of(leads: Sequence[Lead], now: datetime) -> dict[UUID, Outlook]:
    """Return how soon the people of these leads can be seen; one query, none where nobody gives their services.

    It is left out for leads that name no service, are closed, or have a visit booked.
    """
    waiting = [lead for lead in leads if lead.service and lead.closed_at is None and lead.outcome != BOOKED]
    services = sorted({lead.service.key for lead in waiting})
    told, everybody = slots_of(services), list(providers_by_key().values())
    facts = {
        key: facts_from([row for row in everybody if key in row.services], told, now, service=key) for key in services
    }
    return {
        lead.id: slot_outlook(
            facts[lead.service.key],
            service=lead.service.key,
            office_key=lead.location.key if lead.location else "",
            days=slot_days(lead.service.key),
            is_established=lead.patient_type == ESTABLISHED,
            now=now,
        )
        for lead in waiting
    }


def flagged(leads: Sequence[Lead], now: datetime) -> dict[UUID, Outlook]:
    """Return the leads with a high score for which no slot is open in time (row SC-07), with what is known of slots."""
    high = high_band(now)
    scored = [lead for lead in leads if high and lead.band == high]
    return {key: found for key, found in outlooks_of(scored, now).items() if found.state is Slots.LATE}


def high_band(now: datetime) -> str:
    """Return the highest band of fit by the scorecard in force; "" where it has no band above its lowest."""
    bands = [as_document(each) for each in as_items(as_document(live_document("scoring", now).get("fit")).get("bands"))]
    best = max(bands, key=lambda each: as_whole(each.get("at_least")) or 0, default={})
    return as_text(best.get("key")) if as_whole(best.get("at_least")) else ""
