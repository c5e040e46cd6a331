"""Read the catalog: words for services and places, hours, and what a source asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.catalog.business_hours import Hours, is_open
from apps.catalog.business_hours import OpeningSpan as Span
from apps.catalog.models import (
    Calendar,
    Campaign,
    Channel,
    CustomField,
    Holiday,
    Location,
    Offering,
    OpeningSpan,
    Queue,
    Service,
    Source,
    TrackingNumber,
    WorkShift,
)
from apps.catalog.terms import LEAST_USE, MOST_SERVICES, ChannelSpec, ConsentStep, FieldKind, PrivacyClass
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.organizations import current_organization
from apps.tenancy.stamps import settings_read

UNKNOWN_SOURCE = "unknown"


@dataclass(frozen=True, slots=True)
class Words:
    """What people may call the services and locations: word as written, to key.

    `choices` says the same of the tenant's own choice fields, by field: word as written, to the choice's value.
    """

    services: dict[str, str]
    locations: dict[str, str]
    choices: dict[str, dict[str, str]]


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


@settings_read
def shifts() -> dict[UUID, UUID]:
    """Return the calendar of each person who works in shifts, by membership."""
    return dict(WorkShift.rows().values_list("membership_id", "calendar_id"))


def hours_of(calendar_id: UUID) -> Hours:
    """Return one calendar's hours."""
    return all_hours()[calendar_id]


def words() -> Words:
    """Return every key, name and synonym with the key it stands for; of services, of those that count today."""
    return _words_on(local_today())


@settings_read
def _words_on(day: date) -> Words:
    return Words(
        {word: row.key for row in services_on(day).values() for word in names_of(row)},
        {word: row.key for row in locations_by_key().values() for word in names_of(row)},
        {key: row.words for key, row in custom_fields().items() if row.kind == FieldKind.CHOICE},
    )


def visit_types() -> list[str]:
    """Return the types of visit of the services that count today (row AP-12)."""
    return [each for row in services_on(local_today()).values() for each in row.appointment_types]


def offered() -> dict[str, frozenset[str]]:
    """Return the services that each location offers today, by location key."""
    return _offered_on(local_today())


@settings_read
def _offered_on(day: date) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    counting = services_on(day)
    for location, service in Offering.rows().values_list("location__key", "service__key"):
        if service in counting:
            found.setdefault(location, set()).add(service)
    return {key: frozenset(services) for key, services in found.items()}


@settings_read
def specialties() -> dict[str, frozenset[str]]:
    """Return the services that each location is known for, by location key."""
    found: dict[str, set[str]] = {}
    for location, service in Offering.rows().filter(is_specialty=True).values_list("location__key", "service__key"):
        found.setdefault(location, set()).add(service)
    return {key: frozenset(services) for key, services in found.items()}


@settings_read
def closed_to_new() -> frozenset[tuple[str, str]]:
    """Return where a service is given to established patients only, as (location, service)."""
    rows = Offering.rows().filter(Q(established_only=True) | Q(service__accepts_new_patients=False))
    return frozenset(rows.values_list("location__key", "service__key"))


def local_today() -> date:
    """Return the day that it is where the tenant is."""
    return scope_opened_at().astimezone(ZoneInfo(current_organization().zone)).date()


def services_today() -> dict[str, Service]:
    """Return the services that count today: in use, and their first day has come (row DD-09)."""
    return services_on(local_today())


def why_not_used(key: str) -> Problem | None:
    """Return what keeps a service from being put on a lead or a visit today; None where it counts."""
    row = services_by_key().get(key)
    if row is None:
        return Problem("/service", "not_in_picklist", "There is no such service.")
    if row.counts_on(local_today()):
        return None
    if not row.is_active:
        return Problem("/service", "not_in_use", f"“{row.name}” is not in use.")
    return Problem("/service", "not_yet_effective", f"“{row.name}” counts from {row.effective_on:%Y-%m-%d} on.")


def service_to_use(key: str) -> Service:
    """Return a service that counts today. Raises Invalid for one that is unknown, not in use or begins later."""
    if (problem := why_not_used(key)) is not None:
        raise Invalid(problem.detail, (problem,))
    return services_by_key()[key]


def services_on(day: date) -> dict[str, Service]:
    """Return the services that count on a day."""
    return {key: row for key, row in services_by_key().items() if row.counts_on(day)}


@settings_read
def services_by_key() -> dict[str, Service]:
    """Return all services, those included that were switched off or begin later."""
    return {row.key: row for row in Service.rows().order_by("key")}


@settings_read
def locations_by_key() -> dict[str, Location]:
    """Return all locations."""
    return {row.key: row for row in Location.rows().select_related("fallback").order_by("key")}


def is_an_office_open(asked_for: str, at: datetime) -> bool | None:
    """Say whether the office that was asked for is open at an instant, or any office where none was; None without."""
    offices = locations_by_key()
    looked_at = [offices[asked_for]] if asked_for in offices else list(offices.values())
    return any(is_open(hours_of(each.calendar_id), at) for each in looked_at) if looked_at else None


@settings_read
def queues_by_key() -> dict[str, Queue]:
    """Return all queues with team, calendar, location and after-hours and overflow queue."""
    rows = Queue.rows().select_related("team", "calendar", "location", "after_hours_queue", "overflow_queue")
    return {row.key: row for row in rows.order_by("key")}


@settings_read
def campaigns_by_key() -> dict[str, Campaign]:
    """Return all campaigns."""
    return {row.key: row for row in Campaign.rows().order_by("key")}


@settings_read
def custom_fields() -> dict[str, CustomField]:
    """Return the tenant's own fields that are in use, by key."""
    return {row.key: row for row in CustomField.rows().filter(is_active=True).order_by("key")}


@settings_read
def private_labels() -> dict[str, str]:
    """Return the labels of the tenant's own fields whose values are not for everybody, by key; unused ones too."""
    rows = CustomField.rows().exclude(privacy=PrivacyClass.PLAIN).order_by("key")
    return dict(rows.values_list("key", "label"))


@settings_read
def sources_by_key() -> dict[str, Source]:
    """Return all sources with party, campaign and owning team."""
    rows = Source.rows().select_related("party", "campaign", "owning_team")
    return {row.key: row for row in rows.order_by("key")}


@settings_read
def channels_by_key() -> dict[str, Channel]:
    """Return all channels with their owning team."""
    return {row.key: row for row in Channel.rows().select_related("owning_team").order_by("key")}


def spec_of(source: Source) -> ChannelSpec:
    """Return what holds of the source's inquiries: its own word, else the channel's; what must come is asked by both.

    A channel that was switched off or never set up asks for nothing.
    """
    row = channels_by_key().get(source.channel)
    if row is None or not row.is_active:
        row = Channel(key=source.channel, name=source.channel.replace("_", " "), capture_method=source.channel)
    return ChannelSpec(
        name=row.name,
        capture_method=row.capture_method,
        initial_fields=tuple(row.initial_fields),
        required_fields=tuple(dict.fromkeys((*row.required_fields, *source.required_fields))),
        start_event=source.start_event or row.start_event,
        owning_team_id=source.owning_team_id or row.owning_team_id,
        consent_step=ConsentStep(source.missing_consent or row.consent_step),
        sla_policy=row.sla_policy,
    )


def asked_in_order(names: Iterable[str], first: Sequence[str]) -> list[str]:
    """Return the names in the order in which a channel asks: its initial fields first, in their order (row CP-02)."""
    left = list(names)
    return [name for name in first if name in left] + [name for name in left if name not in set(first)]


def initial_fields_of(channel: str) -> tuple[str, ...]:
    """Return what a channel asks first, in its order; nothing for one that was switched off or never set up."""
    row = channels_by_key().get(channel)
    return tuple(row.initial_fields) if row is not None and row.is_active else ()


@settings_read
def tracking_numbers() -> dict[str, TrackingNumber]:
    """Return the numbers that stand for advertisements, by E.164, with campaign and location."""
    rows = TrackingNumber.rows().filter(is_active=True).select_related("campaign", "location")
    return {row.number: row for row in rows.order_by("number")}


def most_services() -> int:
    """Return how many services are advised at most: the tenant's setting `most_services`, else the usual number."""
    return _number("most_services", MOST_SERVICES)


def least_use() -> int:
    """Return how many leads a service should have in its days of use: the setting `least_service_use`, else usual."""
    return _number("least_service_use", LEAST_USE)


def _number(name: str, usual: int) -> int:
    held = current_organization().settings.get(name)
    return held if isinstance(held, int) and not isinstance(held, bool) and held > 0 else usual


def source_or_unknown(key: str) -> Source:
    """Return the source by key; a word nobody knows leads to the tenant's `unknown` source (row CP-01)."""
    known = sources_by_key().get(key)
    return known if known is not None and known.is_active else sources_by_key()[UNKNOWN_SOURCE]


def names_of(row: Service | Location) -> set[str]:
    """Return what a service or an office is called: its key, its name and its synonyms."""
    return {word for word in (row.key, row.name, *row.synonyms) if word.strip()}
