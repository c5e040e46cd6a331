"""Sections about the catalog: calendars, offices, services, queues, campaigns, sources."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from apps.accounts.models import Party, Team
from apps.accounts.saving import Change
from apps.catalog.actions import (
    save_calendar,
    save_campaign,
    save_custom_field,
    save_location,
    save_queue,
    save_service,
    save_source,
    switch_off_except,
)
from apps.catalog.business_hours import OpeningSpan as Span
from apps.catalog.hours_in_words import spoken_hours
from apps.catalog.models import (
    Calendar,
    Campaign,
    CustomField,
    Holiday,
    Location,
    Offering,
    OpeningSpan,
    Queue,
    Service,
    Source,
)
from apps.catalog.queries import most_services
from apps.catalog.terms import ContactChannel, QueueMethod, TargetKind
from apps.onboarding.file.hours import read_hours
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema_catalog import (
    CalendarPart,
    CampaignPart,
    CustomFieldPart,
    HolidayPart,
    LocationPart,
    QueuePart,
    ServicePart,
    SourcePart,
)
from apps.onboarding.terms import Effect

#: What a service says of its scheduling; it names teams, so it is saved after them.
SCHEDULING = ("workflow", "owner", "effective_on")


def apply_calendars(run: Run, parts: Iterable[CalendarPart]) -> None:
    """Save the calendars with exactly these hours and holidays."""
    for part in parts:
        saved = save_calendar(
            actor=run.actor,
            key=part.key,
            name=part.name,
            zone=part.zone,
            always_open=part.always_open,
            spans=[span for line in part.hours for span in read_hours(line)],
            holidays={each.day: each.name for each in part.holidays},
        )
        run.note("calendars", "calendar", part.key, saved.row.id, saved.change)


def apply_locations(run: Run, parts: Iterable[LocationPart]) -> None:
    """Save the offices; one that is not named takes no new leads any more."""
    parts = list(parts)
    calendars = {row.key: row for row in Calendar.rows()}
    there = {row.key: row for row in Location.rows()}
    late = [part for part in parts if part.fallback and part.fallback not in there]
    for part in parts:
        named: dict[str, Any] = {"calendar": calendars[part.calendar]}
        if part not in late:
            named["fallback"] = there[part.fallback] if part.fallback else None
        values = {**_values(part, without={"calendar", "fallback"}), **named}
        saved = save_location(actor=run.actor, key=part.key, values=values)
        there[part.key] = saved.row
        run.note("locations", "location", part.key, saved.row.id, saved.change)
    for part in late:
        save_location(actor=run.actor, key=part.key, values={"fallback": there[str(part.fallback)]})
    keys = {part.key for part in parts}
    for row in switch_off_except(Location, actor=run.actor, keys=keys, flag="is_available"):
        run.changes.note(Effect.DEACTIVATED, "location", row.key)


def apply_services(run: Run, parts: Iterable[ServicePart]) -> None:
    """Switch off the services that are not named; save the others and where they are offered.

    One more than advised waits for the approval of a person, as one that is added in admin does (row DD-09).
    """
    parts = list(parts)
    locations = {row.key: row for row in Location.rows()}
    for row in switch_off_except(Service, actor=run.actor, keys={part.key for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "service", row.key)
    for part in parts:
        saved = save_service(
            actor=run.actor,
            key=part.key,
            values=_values(part, without={"at", "specialty_at", "established_only_at", *SCHEDULING}),
            locations=[locations[key] for key in part.at],
            specialty_at=[locations[key] for key in part.specialty_at],
            established_only_at=[locations[key] for key in part.established_only_at],
            reviewed=True,
        )
        run.note("services", "service", part.key, saved.row.id, saved.change)
        if saved.row.proposed_by and not saved.row.is_active and saved.change is not Change.UNCHANGED:
            line = f"{most_services()} services advised: {part.key} is one more and counts when a person approves it"
            run.changes.lines.append(line)


def apply_queues(run: Run, parts: Iterable[QueuePart]) -> None:
    """Save the queues, then who takes over after hours; switch off those that are not named."""
    parts = list(parts)
    teams = {row.key: row for row in Team.rows()}
    calendars = {row.key: row for row in Calendar.rows()}
    locations = {row.key: row for row in Location.rows()}
    there = {row.key: row for row in Queue.rows()}
    late = [part for part in parts if part.overflow and part.overflow not in there]
    for part in sorted(parts, key=lambda part: part.after_hours is not None):
        values = {
            "name": part.name,
            "target_kind": part.target_kind,
            "team": teams[part.team],
            "calendar": calendars[part.calendar],
            "location": locations[part.location] if part.location else None,
            "method": part.method,
            "max_wait_seconds": part.max_wait,
            "tag": part.tag,
            "after_hours_queue": there[part.after_hours] if part.after_hours else None,
            "capacity": part.capacity,
            "batch_times": [time.fromisoformat(each) for each in part.batch_times],
            "channels": [str(each) for each in part.channels],
        }
        if part not in late:
            values["overflow_queue"] = there[part.overflow] if part.overflow else None
        saved = save_queue(actor=run.actor, key=part.key, values=values)
        there[part.key] = saved.row
        run.note("queues", "queue", part.key, saved.row.id, saved.change)
    for part in late:
        fill = {"capacity": part.capacity, "overflow_queue": there[str(part.overflow)]}
        save_queue(actor=run.actor, key=part.key, values=fill)
    for row in switch_off_except(Queue, actor=run.actor, keys={part.key for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "queue", row.key)


def apply_campaigns(run: Run, parts: Iterable[CampaignPart]) -> None:
    """Save the campaigns."""
    parties = {row.key: row for row in Party.rows()}
    for part in parts:
        values = _values(part, without={"party"})
        values["party"] = parties[part.party] if part.party else None
        saved = save_campaign(actor=run.actor, key=part.key, values=values)
        run.note("campaigns", "campaign", part.key, saved.row.id, saved.change)


def apply_sources(run: Run, parts: Iterable[SourcePart]) -> None:
    """Save the sources and switch off those that are not named."""
    parts = list(parts)
    parties = {row.key: row for row in Party.rows()}
    campaigns = {row.key: row for row in Campaign.rows()}
    teams = {row.key: row for row in Team.rows()}
    for part in parts:
        values = {
            **_values(part, without={"party", "campaign", "owning_team"}),
            "party": parties[part.party] if part.party else None,
            "campaign": campaigns[part.campaign] if part.campaign else None,
            "owning_team": teams[part.owning_team] if part.owning_team else None,
        }
        saved = save_source(actor=run.actor, key=part.key, values=values)
        run.note("sources", "source", part.key, saved.row.id, saved.change)
    for row in switch_off_except(Source, actor=run.actor, keys={part.key for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "source", row.key)


def apply_custom_fields(run: Run, parts: Iterable[CustomFieldPart]) -> None:
    """Save the tenant's own fields and switch off those that are not named."""
    parts = list(parts)
    for part in parts:
        saved = save_custom_field(actor=run.actor, key=part.key, values=_values(part, without=set()))
        run.note("custom_fields", "field", part.key, saved.row.id, saved.change)
    for row in switch_off_except(CustomField, actor=run.actor, keys={part.key for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "field", row.key)


def export_custom_fields() -> list[CustomFieldPart]:
    """Return the tenant's own fields that are in use."""
    rows = CustomField.rows().filter(is_active=True).order_by("key")
    return [CustomFieldPart(**_read(CustomFieldPart, row, set())) for row in rows]


def export_calendars() -> list[CalendarPart]:
    """Return the calendars."""
    spans: dict[object, list[Span]] = {}
    for span in OpeningSpan.rows():
        spans.setdefault(span.calendar_id, []).append(Span(span.weekday, span.opens, span.closes))
    days: dict[object, list[HolidayPart]] = {}
    for row in Holiday.rows().order_by("day"):
        days.setdefault(row.calendar_id, []).append(HolidayPart(day=row.day, name=row.name))
    return [
        CalendarPart(
            key=row.key,
            name=row.name,
            zone=row.zone,
            always_open=row.always_open,
            hours=spoken_hours(spans.get(row.id, ())),
            holidays=tuple(days.get(row.id, ())),
        )
        for row in Calendar.rows().order_by("key")
    ]


def export_locations() -> list[LocationPart]:
    """Return the offices, those that take no leads included."""
    rows = Location.rows().select_related("calendar", "fallback").order_by("key")
    return [
        LocationPart(
            calendar=row.calendar.key,
            fallback=row.fallback.key if row.fallback else None,
            **_read(LocationPart, row, {"calendar", "fallback"}),
        )
        for row in rows
    ]


def export_services() -> list[ServicePart]:
    """Return the active services and where they are offered."""
    at: dict[object, list[str]] = {}
    known_for, closed = dict[object, list[str]](), dict[object, list[str]]()
    for offering in Offering.rows().select_related("location").order_by("location__key"):
        at.setdefault(offering.service_id, []).append(offering.location.key)
        if offering.established_only:
            closed.setdefault(offering.service_id, []).append(offering.location.key)
        if offering.is_specialty:
            known_for.setdefault(offering.service_id, []).append(offering.location.key)
    rows = Service.rows().filter(is_active=True).select_related("workflow", "owner").order_by("key")
    return [
        ServicePart(
            at=tuple(at.get(row.id, ())),
            specialty_at=tuple(known_for.get(row.id, ())),
            established_only_at=tuple(closed.get(row.id, ())),
            workflow=row.workflow.key if row.workflow else None,
            owner=row.owner.key if row.owner else None,
            effective_on=row.effective_on,
            **_read(ServicePart, row, {"at", "specialty_at", "established_only_at", *SCHEDULING}),
        )
        for row in rows
    ]


def export_queues() -> list[QueuePart]:
    """Return the active queues."""
    related = ("team", "calendar", "location", "after_hours_queue", "overflow_queue")
    rows = Queue.rows().filter(is_active=True).select_related(*related).order_by("key")
    return [
        QueuePart(
            key=row.key,
            name=row.name,
            team=row.team.key,
            calendar=row.calendar.key,
            location=row.location.key if row.location else None,
            target_kind=TargetKind(row.target_kind),
            method=QueueMethod(row.method),
            after_hours=row.after_hours_queue.key if row.after_hours_queue else None,
            max_wait=row.max_wait_seconds,
            tag=row.tag,
            capacity=row.capacity,
            batch_times=tuple(f"{each:%H:%M}" for each in row.batch_times),
            channels=tuple(ContactChannel(each) for each in row.channels),
            overflow=row.overflow_queue.key if row.overflow_queue else None,
        )
        for row in rows
    ]


def export_campaigns() -> list[CampaignPart]:
    """Return the campaigns."""
    rows = Campaign.rows().select_related("party").order_by("key")
    return [
        CampaignPart(party=row.party.key if row.party else None, **_read(CampaignPart, row, {"party"})) for row in rows
    ]


def export_sources() -> list[SourcePart]:
    """Return the active sources."""
    named = {"party", "campaign", "owning_team"}
    rows = Source.rows().filter(is_active=True).select_related(*sorted(named)).order_by("key")
    return [
        SourcePart(
            party=row.party.key if row.party else None,
            campaign=row.campaign.key if row.campaign else None,
            owning_team=row.owning_team.key if row.owning_team else None,
            **_read(SourcePart, row, named),
        )
        for row in rows
    ]


def _values(part: Any, *, without: set[str]) -> dict[str, Any]:
    """Return a part's plain values as the row holds them: lists for tuples, no key."""
    values = part.model_dump(exclude={"key", *without})
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _read(part: type[Any], row: Any, without: set[str]) -> dict[str, Any]:
    """Return the values of a row under the names that a part has."""
    names = [name for name in part.model_fields if name not in without]
    return {name: getattr(row, name) for name in names}
