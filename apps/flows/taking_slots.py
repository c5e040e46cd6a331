"""Offer the free slots of what a lead asks for, and book one: of two who take the same, the second hears what is next.

Whoever takes a slot holds its provider's row until the commit, and looks again whether the slot is free (row AP-10).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.appointments.holding import hold
from apps.appointments.models import Appointment
from apps.appointments.slot_decisions import Slot, preferred_first, read_key
from apps.appointments.slots import free_slots
from apps.catalog.queries import locations_by_key
from apps.flows.booking import Visit, book_visit
from apps.leads.models import Lead
from apps.ownership.decisions import spoken
from apps.ownership.queries import lead_to_change
from apps.routing.decisions.providers import ESTABLISHED
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem

#: So many other slots a refusal names.
NAMED = 3


def slots_for(lead: Lead, now: datetime, *, office: str = "", part: str = "") -> list[Slot]:
    """Return the free slots of a lead's service, those of the part of the day they prefer first (row AP-12).

    At the office named, else at the lead's own; where the lead names none, at every office that has the service. A lead
    without a service has none.
    """
    if lead.service is None:
        return []
    where = office or (lead.location.key if lead.location else "")
    found = free_slots(lead.service.key, now=now, office=where, is_established=lead.patient_type == ESTABLISHED)
    return preferred_first(found, part or lead.part_of_day)


def book_slot(
    *,
    actor: Actor,
    lead_id: UUID,
    slot_key: str,
    now: datetime,
    version: int | None = None,
    confirmed_by: str = "",
    external_ref: str = "",
    by_person: bool = False,
) -> Appointment:
    """Book a free slot of the service that a lead asks for, by the verb of every booking (`book_visit`).

    Refuses what that refuses, a lead without a service, and what is no slot's key. Conflict (`slot_taken`) with the
    next free slots where somebody was faster, or the slot is offered no more.
    """
    lead, name = lead_to_change(actor, lead_id), read_key(slot_key)
    if name is None or lead.service is None:
        sentence = "This is no slot of what the lead asks for. Choose one of those that are offered."
        raise Invalid(sentence, (Problem("/slot", "unknown_slot", sentence),))
    hold(name.provider, name.office)
    slot = next((each for each in slots_for(lead, now, office=name.office) if each.key == slot_key), None)
    if slot is None:
        raise Conflict(taken_sentence(slots_for(lead, now, office=name.office)), code="slot_taken")
    visit = Visit(
        starts_at=slot.starts_at,
        minutes=slot.minutes,
        location_key=slot.office,
        provider=slot.who,
        service_key=slot.service,
        confirmed_by=confirmed_by or f"open slot of {slot.source}"[:60],
        external_ref=external_ref,
        by_person=by_person,
    )
    return book_visit(actor=actor, lead_id=lead_id, visit=visit, now=now, version=version)


def taken_sentence(others: Sequence[Slot]) -> str:
    """Say that a slot is gone, and which are free next."""
    if not others:
        return "This time is taken, and no other is free here. Ask the scheduling desk."
    return f"This time is taken. Free next: {'; '.join(map(slot_words, others[:NAMED]))}."


def slot_words(slot: Slot) -> str:
    """Return a slot in words: when, where, with whom."""
    office = locations_by_key().get(slot.office)
    return f"{spoken(slot.starts_at, slot.zone)}, {office.name if office else slot.office}, {slot.who}"
