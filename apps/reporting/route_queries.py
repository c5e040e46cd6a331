"""How routes do: of the leads that a service sends to a queue, how many are scheduled, and which routes are weak.

A route is a service with the queue that the last routing gave the lead to. It is weak where its share lies below that
of the service's other routes by more than chance (row RT-23).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery

from apps.appointments.models import Appointment
from apps.catalog.models import Queue
from apps.catalog.queries import services_by_key
from apps.leads.models import Lead
from apps.leads.terms import PATIENT
from apps.reporting.decisions import percent
from apps.reporting.intervals import is_above
from apps.reporting.queries import Wanted, counted_leads, has_row
from apps.reporting.terms import ENOUGH
from apps.routing.models import RoutingDecision
from apps.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class Route:
    """A service and a queue: its leads and those scheduled, beside all leads of the service."""

    service: str
    queue: str
    service_name: str
    queue_name: str
    leads: int
    scheduled: int
    all_leads: int
    all_scheduled: int

    @property
    def is_enough(self) -> bool:
        """False where the route, or what it is compared with, has too few leads to be judged."""
        return self.leads >= ENOUGH and self.all_leads - self.leads >= ENOUGH

    @property
    def is_weak(self) -> bool:
        """Say whether the other routes of the service schedule more often, by more than chance."""
        others = (self.all_scheduled - self.scheduled, self.all_leads - self.leads)
        return self.is_enough and is_above(others, (self.scheduled, self.leads))

    @property
    def share(self) -> int:
        """What part of the route's leads is scheduled, in percent."""
        return percent(self.scheduled, self.leads) or 0

    @property
    def average(self) -> int:
        """What part of all leads of the service is scheduled, in percent."""
        return percent(self.all_scheduled, self.all_leads) or 0


def routes(actor: Actor, wanted: Wanted) -> list[Route]:
    """Return the routes of the period's patients that the actor may see, the weak ones first."""
    return routes_of(counted_leads(actor, wanted))


def routes_of(leads: QuerySet[Lead]) -> list[Route]:
    """Return the routes of leads, in two queries: the weak ones first, then by service and size."""
    decisions = RoutingDecision.rows().filter(lead_id=OuterRef("id")).order_by("-decided_at", "-id")
    visits = Appointment.rows().filter(lead_id=OuterRef("id"))
    rows = (
        leads.filter(pipeline__key=PATIENT, service__isnull=False, validity="valid")
        .annotate(routed_to=Subquery(decisions.values("queue_id")[:1]), is_booked=has_row(visits))
        .order_by()
        .values_list("service__key", "routed_to", "is_booked")
        .annotate(Count("id"))
    )
    names = {row.id: row for row in Queue.rows()}
    counted: dict[tuple[str, str], list[int]] = {}
    queue_names: dict[str, str] = {}
    for service, queue_id, booked, count in rows:
        if queue_id is None:
            continue
        queue = names[queue_id]
        queue_names[queue.key] = queue.name
        own = counted.setdefault((service, queue.key), [0, 0])
        own[0] += count
        own[1] += count if booked else 0
    return _judged(counted, queue_names)


def _judged(counted: dict[tuple[str, str], list[int]], queue_names: dict[str, str]) -> list[Route]:
    services, found = services_by_key(), []
    for (service, queue), (leads, scheduled) in counted.items():
        whole = [each for (name, _queue), each in counted.items() if name == service]
        all_leads, all_scheduled = (sum(each[place] for each in whole) for place in (0, 1))
        name = services[service].name if service in services else service
        found.append(Route(service, queue, name, queue_names[queue], leads, scheduled, all_leads, all_scheduled))
    return sorted(found, key=lambda each: (not each.is_weak, each.service_name.lower(), -each.leads, each.queue_name))


def weak(found: Iterable[Route]) -> list[Route]:
    """Return the routes that are to be reviewed."""
    return [each for each in found if each.is_weak]
