"""Reads for the speed of first contact: each lead's times and clocks, apart by opening hours, in one query."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, FloatField, Func, Min, OuterRef, Subquery, When
from django.db.models import Value as V
from django.db.models.functions import Cast, Concat

from apps.catalog.business_hours import Hours as OpeningHours
from apps.catalog.business_hours import closes_at, is_open, next_opening
from apps.catalog.queries import all_hours
from apps.reporting.queries import Period, Wanted, counted_leads, talks
from apps.reporting.terms import ClockTally, Hours, SpeedFacts
from apps.sla.models import SlaTimer
from apps.sla.terms import ClockKind
from apps.tenancy.actor import Actor


class _Seconds(Func):
    """How long one instant is after another."""

    template = "EXTRACT(EPOCH FROM (%(expressions)s))::float8"
    arg_joiner = " - "
    output_field = FloatField()


def speed_facts(actor: Actor, wanted: Wanted, now: datetime) -> dict[Hours, SpeedFacts]:
    """Return the times to the first conversation and acknowledgement, and how the clocks ended, in one query.

    They are apart by whether the queue that holds the lead was open when the inquiry came.
    """
    leads = counted_leads(actor, wanted).filter(validity="valid").order_by()
    first = talks().order_by().values("lead_id").annotate(at=Min("started_at")).values("at")
    rows = leads.values_list(
        "queue__calendar_id",
        _Seconds(F("captured_at")),
        _Seconds(F("acknowledged_at"), F("captured_at")),
        _Seconds(Subquery(first), F("captured_at")),
        _clocks(now),
    )
    sides = {side: Side() for side in Hours}
    opening = opening_hours(wanted.period)
    for calendar_id, captured, told, talked, clocks in rows:
        side = sides[opening(calendar_id, captured)]
        side.leads += 1
        # A talk that is logged as before the capture (the person called first) took no time.
        if talked is not None:
            side.human.append(max(0.0, talked))
        if told is not None:
            side.machine.append(max(0.0, told))
        side.clocks.update(clocks)
    return {name: side.facts() for name, side in sides.items()}


@dataclass(slots=True)
class Side:
    """What is collected for one kind of hours."""

    leads: int = 0
    human: list[float] = field(default_factory=list)
    machine: list[float] = field(default_factory=list)
    clocks: Counter[str] = field(default_factory=Counter)

    def facts(self) -> SpeedFacts:
        """Return the collection as the decision takes it."""
        ends: dict[int, Counter[str]] = {}
        for word, count in self.clocks.items():
            limit, _colon, ending = word.partition(":")
            ends.setdefault(int(limit), Counter())[ending] += count
        clocks = tuple(
            ClockTally(limit, own["within"], own["missed"], own.total()) for limit, own in sorted(ends.items())
        )
        return SpeedFacts(self.leads, tuple(self.human), tuple(self.machine), clocks)


def opening_hours(period: Period) -> Callable[[UUID | None, float], Hours]:
    """Return what says whether the queue with a calendar was open at an instant of the period, in epoch seconds.

    A lead of no queue goes by the first calendar.
    """
    hours = all_hours()
    usual = min(hours, default=None)
    turns: dict[UUID, Turns] = {}

    def side(calendar_id: UUID | None, at: float) -> Hours:
        own = calendar_id if calendar_id and calendar_id in hours else usual
        if own is None:
            return Hours.OPEN
        if own not in turns:
            turns[own] = turns_of(hours[own], period)
        return Hours.OPEN if is_open_by(turns[own], at) else Hours.CLOSED

    return side


@dataclass(frozen=True, slots=True)
class Turns:
    """The instants at which a place opens or closes within a period, in epoch seconds, and whether it begins open."""

    instants: list[float]
    begins_open: bool


def turns_of(own: OpeningHours, period: Period) -> Turns:
    """Return when a place opens and closes within a period: asked once, and not for each lead."""
    instants: list[float] = []
    begins_open = stands_open = is_open(own, period.starts_at)
    at: datetime | None = period.starts_at
    while at is not None and at < period.ends_at:
        at = closes_at(own, at) if stands_open else next_opening(own, at)
        stands_open = not stands_open
        if at is not None:
            instants.append(at.timestamp())
    return Turns(instants, begins_open)


def is_open_by(turns: Turns, at: float) -> bool:
    """Say whether the place is open at an instant of the period, in epoch seconds."""
    return turns.begins_open ^ (bisect_right(turns.instants, at) % 2 == 1)


def _clocks(now: datetime) -> ArraySubquery:
    """How the first-contact clocks of a lead ended, each as "900:within": its limit in seconds and its end."""
    rows = SlaTimer.rows().filter(lead_id=OuterRef("id"), kind=ClockKind.FIRST_CONTACT, cancelled_at__isnull=True)
    ending = Case(
        When(met_at__lte=F("due_at"), then=V("within")),
        When(met_at__isnull=False, then=V("missed")),
        When(paused_at__isnull=True, due_at__lt=now, then=V("missed")),
        default=V("running"),
        output_field=CharField(),
    )
    told = Concat(Cast("limit_seconds", CharField()), V(":"), ending, output_field=CharField())
    return ArraySubquery(rows.order_by().annotate(told=told).values("told"))
