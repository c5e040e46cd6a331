"""Read the catalog: words for services and places, hours, and what a source asks for."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from apps.catalog.business_hours import Hours
from apps.catalog.business_hours import OpeningSpan as Span
from apps.catalog.models import Calendar, Holiday, Location, Offering, OpeningSpan, Service, Source
from apps.tenancy.scope import once_per_scope

UNKNOWN_SOURCE = "unknown"


@dataclass(frozen=True, slots=True)
class Words:
    """What people may call the services and locations: word as written, to key."""

    services: dict[str, str]
    locations: dict[str, str]


@once_per_scope
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


@once_per_scope
def words() -> Words:
    """Return every key, name and synonym with the key it stands for."""
    return Words(
        {word: row.key for row in Service.rows().filter(is_active=True) for word in _names(row)},
        {word: row.key for row in Location.rows() for word in _names(row)},
    )


@once_per_scope
def offered() -> dict[str, frozenset[str]]:
    """Return the services that each location offers, by location key."""
    found: dict[str, set[str]] = {}
    pairs = Offering.rows().filter(service__is_active=True).values_list("location__key", "service__key")
    for location, service in pairs:
        found.setdefault(location, set()).add(service)
    return {key: frozenset(services) for key, services in found.items()}


def source_or_unknown(key: str) -> Source:
    """Return the source by key; a word nobody knows leads to the tenant's `unknown` source (row CP-01)."""
    rows = {row.key: row for row in Source.rows().filter(key__in=[key, UNKNOWN_SOURCE]).select_related("party")}
    known: Source | None = rows.get(key)
    if known is not None and known.is_active:
        return known
    unknown: Source = rows[UNKNOWN_SOURCE]
    return unknown


def _names(row: Service | Location) -> set[str]:
    return {word for word in (row.key, row.name, *row.synonyms) if word.strip()}
