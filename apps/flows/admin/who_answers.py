"""Who answers Tuesday 19:30? Every queue at one instant: open or not, when next, who would take a lead."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.template.response import TemplateResponse

from apps.accounts.terms import Permission
from apps.catalog.models import Queue
from apps.catalog.queries import all_hours, locations_by_key, offered, queues_by_key, services_by_key, sources_by_key
from apps.flows.sampling import Desk, Sample, Trace, desk_of, trace
from apps.policies.queries import version_in_force
from apps.tenancy.organizations import current_organization
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Asked:
    """The instant that was asked for, as it was typed and as it is."""

    weekday: int
    clock: str
    at: datetime
    service: str
    location: str


def who_answers(request: ActorRequest) -> HttpResponse:
    """Show the queues at the next such weekday and time, in the tenant's zone."""
    asked = _asked(request)
    hours = all_hours()
    desks = [desk_of(queue, asked.at, hours=hours) for queue in queues_by_key().values() if _concerns(queue, asked)]
    context = {
        **site.each_context(request),
        "title": "Who answers when?",
        "asked": asked,
        "weekdays": list(enumerate(WEEKDAYS)),
        "services": [(key, row.name) for key, row in services_by_key().items()],
        "locations": [(key, row.name) for key, row in locations_by_key().items()],
        "desks": sorted(desks, key=_by_openness),
        "way": _way(request, asked),
    }
    return TemplateResponse(request, "admin/flows/who_answers.html", context)


def next_such(now: datetime, weekday: int, clock: time, zone: str) -> datetime:
    """Return the next instant from `now` on whose wall clock in the zone shows this weekday and time."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    at = datetime.combine(day, clock, ZoneInfo(zone))
    return at if at >= now else datetime.combine(day + timedelta(days=7), clock, ZoneInfo(zone))


def _asked(request: ActorRequest) -> Asked:
    zone = current_organization().zone
    local = request.now.astimezone(ZoneInfo(zone))
    text = request.GET.get("day", "")
    weekday = int(text) if text.isdecimal() and int(text) < len(WEEKDAYS) else local.weekday()
    try:
        clock = time.fromisoformat(request.GET.get("time", "")).replace(tzinfo=None)
    except ValueError:
        clock = local.time().replace(second=0, microsecond=0)
    service, location = request.GET.get("service", ""), request.GET.get("location", "")
    return Asked(
        weekday,
        f"{clock:%H:%M}",
        next_such(request.now.replace(second=0, microsecond=0), weekday, clock, zone),
        service if service in services_by_key() else "",
        location if location in locations_by_key() else "",
    )


def _concerns(queue: Queue, asked: Asked) -> bool:
    """Say whether a queue could answer: its office is the asked one, and offers the asked service."""
    if not queue.is_active:
        return False
    if queue.location is None:
        return True
    if asked.location and queue.location.key != asked.location:
        return False
    return not asked.service or asked.service in offered().get(queue.location.key, frozenset())


def _way(request: ActorRequest, asked: Asked) -> Trace | None:
    """Return the way of a plain inquiry for the service or office, if one was named."""
    if not asked.service and not asked.location:
        return None
    every_channel = ("call", "text", "email")
    source = next((key for key, row in sources_by_key().items() if row.party is None), "unknown")
    sample = Sample(asked.at, source, asked.service, asked.location, consents=every_channel)
    return trace(sample, version_in_force("routing", request.now))


def _by_openness(desk: Desk) -> tuple[bool, bool, str]:
    return (not desk.is_open, desk.queue.location_id is None, desk.queue.name)


site.add_page(
    Page(
        "try/who-answers/",
        "who_answers",
        who_answers,
        permission=Permission.RULES_READ,
        title="Who answers when?",
        icon="schedule",
    )
)
