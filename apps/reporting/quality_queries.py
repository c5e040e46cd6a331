"""Reads for the quality of leads: goal by goal, in one query for each goal that has leads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Case, Count, IntegerField, OuterRef, Q, Sum, Value, When
from django.utils.translation import gettext as _

from apps.appointments.models import Appointment, AppointmentEvent
from apps.appointments.terms import AppointmentState
from apps.leads.models import Closure, ContactPoint, StageSpell
from apps.leads.queries import pipelines_by_key
from apps.leads.terms import PATIENT
from apps.policies.decisions.documents import as_document, as_items, as_whole
from apps.policies.queries import live_document
from apps.qualification.terms import Part
from apps.reporting.goals import REFERRAL, Maturity, Measure, QualityRow, QualityTable, measures
from apps.reporting.queries import (
    ESTABLISHED,
    Wanted,
    conversions,
    counted_leads,
    has_row,
    named,
    qualified_stages,
    talks,
)
from apps.reporting.terms import Segment
from apps.tenancy.actor import Actor

CAME = (AppointmentState.ATTENDED, AppointmentState.COMPLETED)


def goal_choices() -> list[tuple[str, str]]:
    """Return the goals of the tenant: each pipeline, and the patients that providers refer."""
    found = []
    for key, pipeline in sorted(pipelines_by_key().items(), key=lambda each: (each[0] != PATIENT, each[1].name)):
        found.append((key, pipeline.name))
        if key == PATIENT:
            found.append((REFERRAL, _("%(name)s, referred") % {"name": pipeline.name}))
    return found


def quality_tables(
    actor: Actor, wanted: Wanted, segment: Segment, maturity: Maturity, now: datetime
) -> list[QualityTable]:
    """Return how the leads of each segment do by the measures of their goal; goals without leads are left out."""
    goals = [each for each in goal_choices() if wanted.goal in ("", each[0])]
    made = [
        _table(actor, replace(wanted, goal=key), name, segment, measures(key, maturity), now) for key, name in goals
    ]
    return [table for table in made if table.rows]


def _table(
    actor: Actor, wanted: Wanted, name: str, segment: Segment, asked: Sequence[Measure], now: datetime
) -> QualityTable:
    proofs = _proofs(now)
    held = {
        f"has_{each}": Case(When(proofs[each], then=Value(1)), default=Value(0), output_field=IntegerField())
        for each in asked
    }
    sums = {f"sum_{each}": Sum(f"has_{each}") for each in asked}
    leads = counted_leads(actor, wanted).exclude(validity="excluded").annotate(segment=named(segment), **held)
    rows = leads.order_by().values_list("segment").annotate(Count("id"), **sums)
    found = [QualityRow(name, count, dict(zip(asked, told, strict=True))) for name, count, *told in rows]
    ordered = sorted(found, key=lambda each: (-each.leads, each.segment.lower()))
    return QualityTable(wanted.goal, name, tuple(asked), tuple(ordered))


def _proofs(now: datetime) -> Mapping[Measure, Q]:
    """Return for each measure what must be on record of the lead of the outer query."""
    visits = Appointment.rows().filter(lead_id=OuterRef("id"))
    events = AppointmentEvent.rows().filter(appointment__lead_id=OuterRef("id"), state__in=CAME)
    points = ContactPoint.rows().filter(person_id=OuterRef("person_id")).exclude(validity="invalid")
    spells = StageSpell.rows().filter(lead_id=OuterRef("id"), stage__in=qualified_stages())
    ends = Closure.rows().filter(lead_id=OuterRef("id"), is_won=True)
    return {
        Measure.FIT: Q(fit__gte=_highest_band(now)),
        Measure.REACHABLE: has_row(points),
        Measure.TALKED: has_row(talks()),
        Measure.SCHEDULED: has_row(visits),
        Measure.SHOWN: has_row(events),
        Measure.COMPLETED: ~Q(patient_type=ESTABLISHED) & has_row(conversions()),
        Measure.QUALIFIED: has_row(spells),
        Measure.WON: Q(closed_at__isnull=False) & has_row(ends),
    }


def _highest_band(now: datetime) -> int:
    """Return from how many points a lead is in the highest band of fit; without bands none is."""
    bands = as_items(as_document(live_document("scoring", now).get(Part.FIT)).get("bands"))
    return max((as_whole(as_document(each).get("at_least")) or 0 for each in bands), default=1001)
