"""Reads for the reports: tallies of the leads an actor may see, each made by the database in one query."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models import Value as V
from django.db.models.functions import Coalesce

from apps.accounts.models import Team
from apps.appointments.models import Appointment
from apps.catalog.models import Location, Service, Source
from apps.leads.models import Lead, StageSpell
from apps.leads.terms import StageKey
from apps.outreach.models import Activity
from apps.outreach.terms import REACHED
from apps.ownership.queries import visible_leads
from apps.reporting.terms import ClockTally, Segment, SpeedFacts, Step, Tally
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.sla.terms import ClockKind
from apps.tenancy.actor import Actor

COLUMNS = {
    Segment.SOURCE: "source",
    Segment.SERVICE: "service",
    Segment.LOCATION: "location",
    Segment.OWNER: "owner_team",
}
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
    """Return how many leads of each segment came how far, in one query."""
    order = list(Step)
    proofs = {
        Step.BOOKED: Exists(Appointment.rows().filter(lead_id=OuterRef("id"))),
        Step.QUALIFIED: Exists(StageSpell.rows().filter(lead_id=OuterRef("id"), stage__key=StageKey.QUALIFIED)),
        Step.CONTACTED: Exists(talks()),
        Step.ATTEMPTED: Exists(Activity.rows().filter(lead_id=OuterRef("id"), direction="outbound")),
        Step.ROUTED: Q(validity="valid") & Exists(RoutingDecision.rows().filter(lead_id=OuterRef("id"))),
        Step.VALID: Q(validity="valid"),
    }
    cases = [When(proof, then=V(order.index(step))) for step, proof in proofs.items()]
    rows = (
        counted_leads(actor, wanted)
        .annotate(
            furthest=Case(*cases, default=V(0), output_field=IntegerField()),
            segment=Coalesce(F(f"{COLUMNS[segment]}__name"), V(NAMELESS), output_field=CharField()),
        )
        .order_by()
        .values_list("segment", "furthest")
        .annotate(Count("id"))
    )
    return [Tally(name, order[furthest], count) for name, furthest, count in rows]


def speed_facts(actor: Actor, wanted: Wanted, now: datetime) -> SpeedFacts:
    """Return the times to the first conversation and acknowledgement, and how the clocks ended: two queries."""
    leads = counted_leads(actor, wanted).filter(validity="valid")
    first = talks().order_by().values("lead_id").annotate(at=Min("started_at")).values("at")
    rows = list(leads.values_list("captured_at", "acknowledged_at", Subquery(first)))
    return SpeedFacts(
        leads=len(rows),
        human_seconds=tuple(_between(captured, talked) for captured, _, talked in rows if talked),
        acknowledgement_seconds=tuple(_between(captured, told) for captured, told, _ in rows if told),
        clocks=_clocks(leads, now),
    )


def _clocks(leads: QuerySet[Lead], now: datetime) -> tuple[ClockTally, ...]:
    met = Q(met_at__isnull=False)
    ran_out = Q(met_at__isnull=True, paused_at__isnull=True, due_at__lt=now)
    rows = (
        SlaTimer.rows()
        .filter(kind=ClockKind.FIRST_CONTACT, cancelled_at__isnull=True, lead_id__in=leads.values("id"))
        .order_by()
        .values_list("limit_seconds")
        .annotate(
            within=Count("id", filter=met & Q(met_at__lte=F("due_at"))),
            missed=Count("id", filter=(met & Q(met_at__gt=F("due_at"))) | ran_out),
            every=Count("id"),
        )
    )
    return tuple(ClockTally(limit, within, missed, every) for limit, within, missed, every in rows)


def _between(start: datetime, end: datetime) -> float:
    """A talk that is logged as before the capture (the person called first) took no time."""
    return max(0.0, (end - start).total_seconds())


def segment_choices() -> dict[Segment, list[tuple[str, str]]]:
    """Return the picklists of the segment filters: key and name, in one query."""
    models = {Segment.SOURCE: Source, Segment.SERVICE: Service, Segment.LOCATION: Location, Segment.OWNER: Team}
    parts = [
        model.rows().order_by().values_list(V(str(segment), output_field=CharField()), "key", "name")
        for segment, model in models.items()
    ]
    found: dict[Segment, list[tuple[str, str]]] = {segment: [] for segment in models}
    for segment, key, name in parts[0].union(*parts[1:], all=True):
        found[Segment(segment)].append((key, name))
    return {segment: sorted(pairs, key=lambda pair: pair[1].lower()) for segment, pairs in found.items()}
