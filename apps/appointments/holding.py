"""Hold a provider while a visit is booked or moved, and refuse a time at which they see somebody else (AP-10).

Whoever books holds the provider's row until the commit: of two who book one time, the second sees the first's visit.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from apps.appointments.models import Appointment
from apps.appointments.terms import LIVE
from apps.catalog.models import Provider
from apps.catalog.providers import providers_by_key
from apps.catalog.queries import hours_of, locations_by_key
from apps.catalog.visiting_hours import read_hours, starts_of
from apps.tenancy.errors import Conflict


def hold(provider: str, office: str) -> list[Provider]:
    """Hold the provider of this key or name; where none is named, those of the office. Return who is held.

    A name that the catalog does not know holds nobody: there is nothing that anybody could have taken.
    """
    known = providers_by_key().values()
    if provider:
        found = [row for row in known if provider.strip().casefold() in (row.key, row.name.casefold())]
    else:
        found = [row for row in known if office in row.offices]
    ids = [row.id for row in found]
    list(Provider.rows().select_for_update(of=("self",), no_key=True).filter(id__in=ids).order_by("id").values_list())
    return found


def refuse_taken(
    people: Iterable[Provider], starts_at: datetime, ends_at: datetime, *, but: UUID | None = None
) -> None:
    """Raise Conflict (`slot_taken`) where one of the held has no place left at some time between the two instants.

    `but` is a visit that is about to move, and stands in nobody's way.
    """
    for row in people:
        visits = Appointment.rows().filter(
            state__in=list(LIVE), starts_at__lt=ends_at, ends_at__gt=starts_at, provider__in=[row.key, row.name]
        )
        others = visits.exclude(id=but) if but else visits
        if others.count() >= _places(row, starts_at, ends_at):
            raise Conflict(
                f"{row.name} sees somebody else at this time. Choose a free slot, or give the number of the booking in"
                " the scheduling system.",
                code="slot_taken",
            )


def _places(row: Provider, starts_at: datetime, ends_at: datetime) -> int:
    """Return how many people they see at once by the visiting hours that these instants touch; else one."""
    places = 1
    for line in read_hours(row.visiting_hours):
        office = locations_by_key().get(line.office)
        if office is not None and line.places > places:
            zone = hours_of(office.calendar_id).zone
            touched = starts_of(line, zone, after=starts_at - timedelta(minutes=line.minutes), before=ends_at)
            places = line.places if any(True for _ in touched) else places
    return places
