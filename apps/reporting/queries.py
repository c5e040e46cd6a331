"""Reads for the reports: tallies of the leads an actor may see, each made by the database in one query."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models import Value as V
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from apps.accounts.models import Team
from apps.appointments.models import Appointment, AppointmentEvent, CompletedVisit
from apps.appointments.terms import AppointmentState
from apps.catalog.models import Campaign, Location, Service, Source
from apps.leads.models import Lead, Stage, StageSpell
from apps.leads.terms import IMPORT_UNDONE, PATIENT, StageKey
from apps.outreach.models import Activity
from apps.outreach.terms import REACHED
from apps.ownership.queries import visible_leads
from apps.reporting.goals import REFERRAL
from apps.reporting.terms import STEP_WORDS, Segment, Step, Tally
from apps.routing.models import RoutingDecision
from apps.tenancy.actor import Actor
from apps.tenancy.stamps import settings_read

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
    """Which leads a report counts: a period, keys of segments to narrow it by, and one goal ("": every goal)."""

    period: Period
    chosen: dict[Segment, str] = field(default_factory=dict)
    goal: str = ""


def counted_leads(actor: Actor, wanted: Wanted) -> QuerySet[Lead]:
    """Return the leads of a report that the actor may see; test leads are never among them."""
    period = wanted.period
    rows = visible_leads(actor).filter(is_test=False, captured_at__gte=period.starts_at, captured_at__lt=period.ends_at)
    rows = rows.exclude(closure_reason=IMPORT_UNDONE)
    for segment, key in wanted.chosen.items():
        rows = rows.filter(**{f"{COLUMNS[segment]}__key": key})
    if wanted.goal == REFERRAL:
        return rows.filter(pipeline__key=PATIENT, lead_class=REFERRAL)
    if wanted.goal == PATIENT:
        rows = rows.exclude(lead_class=REFERRAL)
    return rows.filter(pipeline__key=wanted.goal) if wanted.goal else rows


def talks() -> QuerySet[Activity]:
    """Return the conversations of the lead of the outer query (row SL-05)."""
    return Activity.rows().filter(lead_id=OuterRef("id"), outcome__in=[str(each) for each in REACHED])


def funnel_tallies(actor: Actor, wanted: Wanted, segment: Segment) -> list[Tally]:
    """Return how many leads of each segment came how far and why no further, in one query."""
    order = list(Step)
    rows = (
        counted_leads(actor, wanted)
        .annotate(segment=named(segment), furthest=_furthest(order), is_closed=Q(closed_at__isnull=False))
        .annotate(lost=_lost_visit())
        .order_by()
        .values_list("segment", "furthest", "is_closed", "closure_reason", "exception", "hold_reason", "lost")
        .annotate(Count("id"))
    )
    counted: Counter[tuple[str, Step, str]] = Counter()
    for name, furthest, *standing, count in rows:
        counted[name, order[furthest], _drop(order[furthest], *standing)] += count
    return [Tally(name, furthest, count, drop) for (name, furthest, drop), count in counted.items()]


def named(segment: Segment) -> Coalesce:
    """Return what the segment of a lead is called."""
    return Coalesce(F(f"{COLUMNS[segment]}__name"), V(NAMELESS), output_field=CharField())


def _furthest(order: list[Step]) -> Case:
    """The proofs, last step first: the first one that holds is the furthest step reached.

    A lead without a visit is not asked what came of it.
    """
    visits = Appointment.rows().filter(lead_id=OuterRef("id"))
    events = AppointmentEvent.rows().filter(appointment__lead_id=OuterRef("id"))
    of_visits = {
        Step.COMPLETED: ~Q(patient_type=ESTABLISHED) & has_row(conversions()),
        Step.SHOWN: has_row(events.filter(state__in=[AppointmentState.ATTENDED, AppointmentState.COMPLETED])),
    }
    proofs = {
        Step.QUALIFIED: has_row(StageSpell.rows().filter(lead_id=OuterRef("id"), stage__in=qualified_stages())),
        Step.CONTACTED: has_row(talks()),
        Step.ATTEMPTED: has_row(Activity.rows().filter(lead_id=OuterRef("id"), direction="outbound")),
        Step.ROUTED: Q(validity="valid") & has_row(RoutingDecision.rows().filter(lead_id=OuterRef("id"))),
        Step.VALID: Q(validity="valid"),
    }
    booked = _first_of(of_visits, order, V(order.index(Step.BOOKED)))
    return _first_of(proofs, order, V(0), When(has_row(visits), then=booked))


#: The stage that a step of the funnel is about: the step has its name (row DD-10).
STAGE_OF = {
    Step.ROUTED: StageKey.ROUTED,
    Step.ATTEMPTED: StageKey.ATTEMPTING,
    Step.CONTACTED: StageKey.CONTACTED,
    Step.QUALIFIED: StageKey.QUALIFIED,
    Step.BOOKED: StageKey.SCHEDULED,
}


@settings_read
def step_words() -> dict[Step, str]:
    """Return what each step of the funnel is called: as its stage in the patient pipeline, else as the metric is."""
    rows = Stage.rows().filter(key__in=list(STAGE_OF.values())).select_related("pipeline")
    ordered = sorted(rows, key=lambda row: (row.pipeline.key != "patient", row.pipeline.name.lower()))
    labels: dict[str, str] = {}
    for row in ordered:
        labels.setdefault(row.key, row.label)
    return {step: labels.get(STAGE_OF.get(step, ""), word) for step, word in STEP_WORDS.items()}


@settings_read
def qualified_stages() -> list[UUID]:
    """Return the stage Qualified of every pipeline."""
    return list(Stage.rows().filter(key=StageKey.QUALIFIED).values_list("id", flat=True))


def _first_of(proofs: dict[Step, Q], order: list[Step], default: V, *before: When) -> Case:
    cases = [When(proof, then=V(order.index(step))) for step, proof in proofs.items()]
    return Case(*before, *cases, default=default, output_field=IntegerField())


def has_row(rows: QuerySet[Any]) -> Q:
    """Return the condition that the outer query's row has such a row; it is looked up one by one.

    Asked by EXISTS, it is planned as a walk over all rows there ever were, and not those of the period's leads.
    """
    one = rows.order_by().annotate(one=V(1)).values("one")[:1]
    return Q(Exact(Coalesce(Subquery(one), 0), 1))


def conversions() -> QuerySet[Any]:
    """Return the conversion that the outer query's lead brought: its person's first completed visit (row AP-05)."""
    return CompletedVisit.rows().filter(lead_id=OuterRef("id"), is_first=True)


def _lost_visit() -> Case:
    """How the last lost visit of a lead ended; only asked where nothing else says why the lead stands still."""
    lost = Appointment.rows().filter(lead_id=OuterRef("id"), state__in=[*LOST_VISITS]).order_by("-starts_at", "-id")
    state = Coalesce(Subquery(lost.values("state")[:1]), V(""))
    return Case(
        When(Q(closed_at__isnull=True, exception="", hold_reason=""), then=state),
        default=V(""),
        output_field=CharField(),
    )


def _drop(furthest: Step, is_closed: bool, closure: str, exception: str, hold: str, lost: str) -> str:
    """Why a lead did not come further: the kind of the reason and the reason, joined by a colon."""
    if furthest is Step.COMPLETED:
        return ""
    if is_closed:
        return f"closed:{closure}"
    if exception:
        return f"exception:{exception}"
    if hold:
        return f"held:{hold}"
    return f"visit:{lost}" if lost and furthest is Step.BOOKED else ""


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
