"""How long a process takes: from the event that starts it to the one that ends it, as the tenant names them (ST-15).

Other reports that measure a process begin here: `process_instants` gives both instants of each lead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from apps.appointments.models import Appointment, AppointmentEvent
from apps.appointments.terms import AppointmentState
from apps.leads.models import Lead, StageSpell
from apps.leads.process import CAPTURED, CLOSED, OWNED, VISIT_COMPLETED, Course
from apps.leads.queries import pipelines_by_key, process_in_force
from apps.leads.terms import StageKey
from apps.reporting.queries import Wanted, counted_leads
from apps.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class Cycle:
    """The process of one pipeline: its two ends in words, and what came of the leads that began it in the period.

    `seconds` are the lengths of those that came to the end, ascending. Of the leads with a visit some have started
    care; a booking alone is no start (row ST-17).
    """

    pipeline: str
    start: str
    end: str
    begun: int
    seconds: tuple[float, ...]
    booked: int
    in_care: int


def process_instants(rows: QuerySet[Lead], course: Course) -> QuerySet[Lead]:
    """Add to leads when their process began and when it ended, each null where it has not."""
    return rows.annotate(process_began=_instant(course.start.at), process_ended=_instant(course.end.at))


def cycles(actor: Actor, wanted: Wanted, now: datetime) -> list[Cycle]:
    """Return the process of each pipeline for the leads of the period, by the settings of now; one query each."""
    process = process_in_force(now)
    found = []
    for key, pipeline in pipelines_by_key().items():
        course = process.course(key)
        rows = counted_leads(actor, wanted).filter(pipeline=pipeline).exclude(validity="excluded").order_by()
        booked = Subquery(_first(Appointment.rows(), "created_at", "lead_id"))
        leads = process_instants(rows, course).annotate(booked_at=booked, care_at=_entered(StageKey.IN_TREATMENT))
        lines = list(leads.values_list("process_began", "process_ended", "booked_at", "care_at"))
        if lines:
            found.append(_cycle(pipeline.name, course, lines))
    return found


def _cycle(
    name: str, course: Course, lines: list[tuple[datetime | None, datetime | None, datetime | None, datetime | None]]
) -> Cycle:
    begun = [(start, end) for start, end, *_rest in lines if start is not None]
    lasted = sorted((end - start).total_seconds() for start, end in begun if end is not None and end >= start)
    return Cycle(
        name,
        course.start.label,
        course.end.label,
        len(begun),
        tuple(lasted),
        sum(booked is not None for *_ends, booked, _care in lines),
        sum(care is not None for *_ends, care in lines),
    )


def _instant(at: str) -> F | Subquery:
    usual: Mapping[str, F | Subquery] = {
        CAPTURED: F("captured_at"),
        OWNED: F("ownership_started_at"),
        CLOSED: F("closed_at"),
    }
    if at == VISIT_COMPLETED:
        done = AppointmentEvent.rows().filter(state=AppointmentState.COMPLETED)
        return Subquery(_first(done, "at", "appointment__lead_id"))
    return usual[at] if at in usual else _entered(at)


def _entered(stage: str) -> Subquery:
    """Return when a lead first entered a stage."""
    return Subquery(_first(StageSpell.rows().filter(stage__key=stage), "started_at", "lead_id"))


def _first(rows: QuerySet[Any, Any], column: str, lead: str) -> QuerySet[Any, Any]:
    own: QuerySet[Any, Any] = rows.filter(**{lead: OuterRef("id")}).order_by()
    found: QuerySet[Any, Any] = own.values(lead).annotate(first=Min(column)).values("first")
    return found
