"""Reads for the reports: tallies of the leads an actor may see, each made by the database in one query."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models import Value as V
from django.db.models.functions import Coalesce, Concat

from apps.accounts.models import Team
from apps.appointments.models import Appointment, AppointmentEvent
from apps.appointments.terms import AppointmentState
from apps.catalog.business_hours import is_open
from apps.catalog.models import Campaign, Location, Service, Source
from apps.catalog.queries import all_hours
from apps.leads.models import Lead, StageSpell
from apps.leads.terms import StageKey
from apps.outreach.models import Activity
from apps.outreach.terms import REACHED
from apps.ownership.queries import visible_leads
from apps.reporting.terms import ClockTally, Hours, Segment, SpeedFacts, Step, Tally
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.sla.terms import ClockKind
from apps.tenancy.actor import Actor

COLUMNS = {
    Segment.SOURCE: "source",
    Segment.SERVICE: "service",
    Segment.LOCATION: "location",
    Segment.OWNER: "owner_team",
    Segment.CAMPAIGN: "campaign",
}
ESTABLISHED = "established"
LOST_VISITS = (AppointmentState.NO_SHOW, AppointmentState.CANCELLED)
NAMELESS = "(none)"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the organization's calendar, the last one included."""

    first: date
    last: date
    zone: str

    @property
    def starts_at(self) -> datetime:
        """The first instant of the period."""
        return datetime.combine(self.first, time.min, ZoneInfo(self.zone))

    @property
    def ends_at(self) -> datetime:
        """The first instant after the period."""
        return datetime.combine(self.last + timedelta(days=1), time.min, ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads a report counts: a period, and keys of segments to narrow it by."""

    period: Period
    chosen: dict[Segment, str] = field(default_factory=dict)


def counted_leads(actor: Actor, wanted: Wanted) -> QuerySet[Lead]:
    """Return the leads of a report that the actor may see; test leads are never among them."""
    period = wanted.period
    rows = visible_leads(actor).filter(is_test=False, captured_at__gte=period.starts_at, captured_at__lt=period.ends_at)
    for segment, key in wanted.chosen.items():
        rows = rows.filter(**{f"{COLUMNS[segment]}__key": key})
    return rows


def talks() -> QuerySet[Activity]:
    """Return the conversations of the lead of the outer query (row SL-05)."""
    return Activity.rows().filter(lead_id=OuterRef("id"), outcome__in=[str(each) for each in REACHED])


def funnel_tallies(actor: Actor, wanted: Wanted, segment: Segment) -> list[Tally]:
    """Return how many leads of each segment came how far and why no further, in one query."""
    order = list(Step)
    rows = (
        counted_leads(actor, wanted)
        .annotate(furthest=_furthest(order), segment=_named(segment))
        .annotate(drop=_drop(order))
        .order_by()
        .values_list("segment", "furthest", "drop")
        .annotate(Count("id"))
    )
    return [Tally(name, order[furthest], count, drop) for name, furthest, drop, count in rows]


def _named(segment: Segment) -> Coalesce:
    return Coalesce(F(f"{COLUMNS[segment]}__name"), V(NAMELESS), output_field=CharField())


def _furthest(order: list[Step]) -> Case:
    """The proofs, last step first: the first one that holds is the furthest step reached."""
    visits = Appointment.rows().filter(lead_id=OuterRef("id"))
    events = AppointmentEvent.rows().filter(appointment__lead_id=OuterRef("id"))
    done = Exists(visits.filter(state=AppointmentState.COMPLETED))
    proofs = {
        Step.COMPLETED: ~Q(patient_type=ESTABLISHED) & Q(done),
        Step.SHOWN: Exists(events.filter(state__in=[AppointmentState.ATTENDED, AppointmentState.COMPLETED])),
        Step.BOOKED: Exists(visits),
        Step.QUALIFIED: Exists(StageSpell.rows().filter(lead_id=OuterRef("id"), stage__key=StageKey.QUALIFIED)),
        Step.CONTACTED: Exists(talks()),
        Step.ATTEMPTED: Exists(Activity.rows().filter(lead_id=OuterRef("id"), direction="outbound")),
        Step.ROUTED: Q(validity="valid") & Exists(RoutingDecision.rows().filter(lead_id=OuterRef("id"))),
        Step.VALID: Q(validity="valid"),
    }
    cases = [When(proof, then=V(order.index(step))) for step, proof in proofs.items()]
    return Case(*cases, default=V(0), output_field=IntegerField())


def _drop(order: list[Step]) -> Case:
    """Why a lead did not come further: the kind of the reason and the reason, joined by a colon."""
    lost = Appointment.rows().filter(lead_id=OuterRef("id"), state__in=[*LOST_VISITS]).order_by("-starts_at", "-id")
    visit = Coalesce(Concat(V("visit:"), Subquery(lost.values("state")[:1])), V(""), output_field=CharField())
    return Case(
        When(furthest=order.index(Step.COMPLETED), then=V("")),
        When(closed_at__isnull=False, then=Concat(V("closed:"), F("closure_reason"))),
        When(~Q(exception=""), then=Concat(V("exception:"), F("exception"))),
        When(~Q(hold_reason=""), then=Concat(V("held:"), F("hold_reason"))),
        When(furthest=order.index(Step.BOOKED), then=visit),
        default=V(""),
        output_field=CharField(),
    )


def speed_facts(actor: Actor, wanted: Wanted, now: datetime) -> dict[Hours, SpeedFacts]:
    """Return the times to the first conversation and acknowledgement, and how the clocks ended: two queries.

    They are apart by whether the queue that holds the lead was open when the inquiry came.
    """
    leads = counted_leads(actor, wanted).filter(validity="valid")
    first = talks().order_by().values("lead_id").annotate(at=Min("started_at")).values("at")
    rows = leads.values_list("captured_at", "queue__calendar_id", "acknowledged_at", Subquery(first))
    sides = {side: Side() for side in Hours}
    opening = opening_hours()
    for captured, calendar_id, told, talked in rows:
        side = sides[opening(calendar_id, captured)]
        side.leads += 1
        if talked:
            side.human.append(_between(captured, talked))
        if told:
            side.machine.append(_between(captured, told))
    for calendar_id, captured, limit, due, met, paused in _clocks(leads):
        sides[opening(calendar_id, captured)].clocks[limit, _ending(due, met, paused, now)] += 1
    return {name: side.facts() for name, side in sides.items()}


@dataclass(slots=True)
class Side:
    """What is collected for one kind of hours."""

    leads: int = 0
    human: list[float] = field(default_factory=list)
    machine: list[float] = field(default_factory=list)
    clocks: Counter[tuple[int, str]] = field(default_factory=Counter)

    def facts(self) -> SpeedFacts:
        """Return the collection as the decision takes it."""
        limits = sorted({limit for limit, _ in self.clocks})
        clocks = tuple(
            ClockTally(limit, self.clocks[limit, "within"], self.clocks[limit, "missed"], self._every(limit))
            for limit in limits
        )
        return SpeedFacts(self.leads, tuple(self.human), tuple(self.machine), clocks)

    def _every(self, limit: int) -> int:
        return sum(count for (own, _), count in self.clocks.items() if own == limit)


def opening_hours() -> Callable[[UUID | None, datetime], Hours]:
    """Return what says whether the queue with a calendar was open; a lead of no queue goes by the first calendar."""
    hours = all_hours()
    usual = hours[min(hours)] if hours else None

    def side(calendar_id: UUID | None, at: datetime) -> Hours:
        own = hours.get(calendar_id, usual) if calendar_id else usual
        return Hours.OPEN if own is None or is_open(own, at) else Hours.CLOSED

    return side


def _clocks(leads: QuerySet[Lead]) -> QuerySet[SlaTimer, tuple[Any, ...]]:
    rows = SlaTimer.rows().filter(
        kind=ClockKind.FIRST_CONTACT, cancelled_at__isnull=True, lead_id__in=leads.values("id")
    )
    lead = ("lead__queue__calendar_id", "lead__captured_at")
    return rows.order_by().values_list(*lead, "limit_seconds", "due_at", "met_at", "paused_at")


def _ending(due: datetime, met: datetime | None, paused: datetime | None, now: datetime) -> str:
    if met is not None:
        return "within" if met <= due else "missed"
    return "missed" if paused is None and due < now else "running"


def _between(start: datetime, end: datetime) -> float:
    """A talk that is logged as before the capture (the person called first) took no time."""
    return max(0.0, (end - start).total_seconds())


def segment_choices() -> dict[Segment, list[tuple[str, str]]]:
    """Return the picklists of the segment filters: key and name, in one query."""
    models: dict[Segment, Any] = {
        Segment.SOURCE: Source,
        Segment.SERVICE: Service,
        Segment.LOCATION: Location,
        Segment.OWNER: Team,
        Segment.CAMPAIGN: Campaign,
    }
    parts = [
        model.rows().order_by().values_list(V(str(segment), output_field=CharField()), "key", "name")
        for segment, model in models.items()
    ]
    found: dict[Segment, list[tuple[str, str]]] = {segment: [] for segment in models}
    for segment, key, name in parts[0].union(*parts[1:], all=True):
        found[Segment(segment)].append((key, name))
    return {segment: sorted(pairs, key=lambda pair: pair[1].lower()) for segment, pairs in found.items()}
