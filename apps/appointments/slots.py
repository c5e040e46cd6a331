"""Free slots of a service: visiting hours and what scheduling systems told, without what is booked (row AP-10)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.appointments.models import Appointment
from apps.appointments.slot_decisions import Busy, Slot, free_of
from apps.appointments.terms import LIVE
from apps.catalog.combinations import offices_with
from apps.catalog.models import Provider
from apps.catalog.providers import is_stale, places_of, providers_by_key, slots_of
from apps.catalog.queries import hours_of, locations_by_key
from apps.catalog.visiting_hours import read_hours, starts_of

#: So far ahead slots are offered, and so long a visit takes whose scheduling system says no length.
AHEAD, USUAL_MINUTES = timedelta(days=42), 30
OURS = "our schedule"
#: A visit that began longer ago than any takes stands in nobody's way.
LONGEST = timedelta(hours=8)


def free_slots(
    service: str, *, now: datetime, office: str = "", provider: str = "", is_established: bool = False
) -> list[Slot]:
    """Return the free slots of a service, first to last: of an office that has it, or of all of them.

    Who takes no new patients is offered to established ones alone. What was told too long ago is not offered.
    """
    offices = {key for key in offices_with(service) if office in ("", key)}
    people = {
        key: row
        for key, row in providers_by_key().items()
        if provider in ("", key) and (row.takes_new_patients or is_established)
    }
    found = [each for row in people.values() for each in _ours(row, service, offices, now)]
    found += _told(service, people, offices, now)
    return free_of(found, _busy(now)) if found else []


def _ours(row: Provider, service: str, offices: set[str], now: datetime) -> Iterator[Slot]:
    given = set(places_of(row))
    for line in read_hours(row.visiting_hours):
        if line.service != service or line.office not in offices or (line.office, line.service) not in given:
            continue
        hours = hours_of(locations_by_key()[line.office].calendar_id)
        for start in starts_of(line, hours.zone, after=now, before=now + AHEAD, holidays=hours.holidays):
            yield Slot(row.key, row.name, line.office, service, start, line.minutes, line.places, hours.zone, OURS)


def _told(service: str, people: dict[str, Provider], offices: set[str], now: datetime) -> Iterator[Slot]:
    for told in slots_of([service]):
        who, office = people.get(told.provider.key), told.location.key
        if who is None or office not in offices or is_stale(told.heard_at, now):
            continue
        zone = hours_of(told.location.calendar_id).zone
        for start in told.starts:
            if now < start < now + AHEAD:
                yield Slot(who.key, who.name, office, service, start, USUAL_MINUTES, 1, zone, told.heard_from)


def _busy(now: datetime) -> list[Busy]:
    rows = Appointment.rows().filter(
        state__in=list(LIVE), starts_at__gt=now - LONGEST, starts_at__lt=now + AHEAD, ends_at__gt=now
    )
    return [
        Busy(provider, office or "", starts_at, ends_at)
        for provider, office, starts_at, ends_at in rows.values_list(
            "provider", "location__key", "starts_at", "ends_at"
        )
    ]
