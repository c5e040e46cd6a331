"""Read the catalog: words for services and places, hours, and what a source asks for."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from apps.catalog.business_hours import Hours
from apps.catalog.business_hours import OpeningSpan as Span
from apps.catalog.models import (
    Calendar,
    Campaign,
    Holiday,
    Location,
    Offering,
    OpeningSpan,
    Queue,
    Service,
    Source,
    TrackingNumber,
)
from apps.tenancy.stamps import settings_read

UNKNOWN_SOURCE = "unknown"


@dataclass(frozen=True, slots=True)
class Words:
    """What people may call the services and locations: word as written, to key."""

    services: dict[str, str]
    locations: dict[str, str]


@settings_read
def all_hours() -> dict[UUID, Hours]:
    """Return the opening hours of every calendar, by calendar id; three queries."""
    spans: dict[UUID, list[Span]] = {}
    for row in OpeningSpan.rows():
        spans.setdefault(row.calendar_id, []).append(Span(row.weekday, row.opens, row.closes))
    days: dict[UUID, set[date]] = {}
    for holiday in Holiday.rows():
        days.setdefault(holiday.calendar_id, set()).add(holiday.day)
    return {
        row.id: Hours(
            row.zone,
            tuple(sorted(spans.get(row.id, ()))),
            frozenset(days.get(row.id, ())),
            always_open=row.always_open,
        )
        for row in Calendar.rows()
    }


def hours_of(calendar_id: UUID) -> Hours:
    """Return one calendar's hours."""
    return all_hours()[calendar_id]


@settings_read
def words() -> Words:
    """Return every key, name and synonym with the key it stands for."""
    return Words(
        {word: row.key for row in services_by_key().values() if row.is_active for word in _names(row)},
        {word: row.key for row in locations_by_key().values() for word in _names(row)},
    )


@settings_read
def offered() -> dict[str, frozenset[str]]:
    """Return the services that each location offers, by location key."""
    found: dict[str, set[str]] = {}
    pairs = Offering.rows().filter(service__is_active=True).values_list("location__key", "service__key")
    for location, service in pairs:
        found.setdefault(location, set()).add(service)
    return {key: frozenset(services) for key, services in found.items()}


@settings_read
def services_by_key() -> dict[str, Service]:
    """Return all services."""
    return {row.key: row for row in Service.rows().order_by("key")}


@settings_read
def locations_by_key() -> dict[str, Location]:
    """Return all locations."""
    return {row.key: row for row in Location.rows().order_by("key")}


@settings_read
def queues_by_key() -> dict[str, Queue]:
    """Return all queues with team, calendar, location and after-hours queue."""
    rows = Queue.rows().select_related("team", "calendar", "location", "after_hours_queue")
    return {row.key: row for row in rows.order_by("key")}


@settings_read
def campaigns_by_key() -> dict[str, Campaign]:
    """Return all campaigns."""
    return {row.key: row for row in Campaign.rows().order_by("key")}


@settings_read
def sources_by_key() -> dict[str, Source]:
    """Return all sources with party, campaign and owning team."""
    rows = Source.rows().select_related("party", "campaign", "owning_team")
    return {row.key: row for row in rows.order_by("key")}


@settings_read
def tracking_numbers() -> dict[str, TrackingNumber]:
    """Return the numbers that stand for advertisements, by E.164, with campaign and location."""
    rows = TrackingNumber.rows().filter(is_active=True).select_related("campaign", "location")
    return {row.number: row for row in rows.order_by("number")}


def source_or_unknown(key: str) -> Source:
    """Return the source by key; a word nobody knows leads to the tenant's `unknown` source (row CP-01)."""
    known = sources_by_key().get(key)
    return known if known is not None and known.is_active else sources_by_key()[UNKNOWN_SOURCE]


def _names(row: Service | Location) -> set[str]:
    return {word for word in (row.key, row.name, *row.synonyms) if word.strip()}
