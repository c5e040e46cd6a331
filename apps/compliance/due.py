"""What is due by the retention schedule: which leads rested long enough, what of them goes, and what holds it back.

A lead rests since whatever happened last: its arrival, a contact, its end. It is unconverted when it ended without
being won and without a visit that stands. Open leads are passed over: somebody still answers for them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from apps.appointments.models import Appointment
from apps.appointments.terms import AppointmentState
from apps.catalog.field_keeping import FieldKeeping
from apps.compliance.erasure_function import counting
from apps.compliance.erasure_plan import PEOPLE, PERSONS, SUBMISSIONS
from apps.compliance.retention_models import Erased, LegalHold
from apps.compliance.retention_terms import HoldScope, Left
from apps.leads.deciders import DecisionMaker
from apps.leads.endings import Closure
from apps.leads.models import Lead, Person
from apps.policies.queries import live_document
from apps.privacy.retention import DataClass, Due, default_retention_rules, months_before, rules_of, schedule
from apps.tenancy.scope import current_organization_id

CONVERTED_STAGES = ("scheduled", "in_treatment")
ASKED = {each: f"%({each})s::uuid[]" for each in ("leads", "subs", "persons", "people")} | {
    "org": "%(org)s::uuid",
    "values": "%(values)s::text[]",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a schedule finds: leads with the parts that are due of each, and why older ones stay."""

    parts: Mapping[UUID, tuple[str, ...]]
    left: Mapping[str, int]
    schedule: tuple[Due, ...]


@dataclass(slots=True)
class _Lead:
    id: UUID
    rested_since: datetime
    is_open: bool
    is_converted: bool
    erased: set[str] = field(default_factory=set)


def schedule_now(now: datetime) -> tuple[Due, ...]:
    """Return what goes after how many months: the rules in force with the months of single fields."""
    document = live_document("retention", now) or default_retention_rules()
    rows = FieldKeeping.rows().filter(is_active=True, kept_months__isnull=False)
    return schedule(
        rules_of(document), {field: months or 0 for field, months in rows.values_list("field", "kept_months")}
    )


def find_due(now: datetime, *, only: Collection[UUID] | None = None) -> Found:
    """Return what is due now; `only` looks at these leads alone."""
    due = schedule_now(now)
    if not due:
        return Found({}, {}, due)
    cutoffs = {each.part: months_before(now, each.months) for each in due}
    leads = _resting(max(cutoffs.values()), only)
    holds = holds_now(leads)
    found: dict[UUID, tuple[str, ...]] = {}
    left: Counter[str] = Counter()
    for lead in leads.values():
        parts = tuple(p for p, cutoff in cutoffs.items() if lead.rested_since < cutoff and p not in lead.erased)
        if not parts:
            continue
        allowed = tuple(each for each in parts if each not in holds.classes)
        if lead.is_open or lead.is_converted:
            left[Left.OPEN if lead.is_open else Left.CONVERTED] += 1
        elif lead.id in holds.leads or not allowed:
            left[Left.HELD] += 1
        else:
            found[lead.id] = allowed
    return Found(found, dict(left), due)


def of_person(person_id: UUID) -> tuple[dict[UUID, tuple[str, ...]], dict[str, int]]:
    """Return every lead of a person with all classes, for an erasure at their request, and why others stay."""
    leads = _read(leads_of_person(person_id))
    holds = holds_now(leads)
    left: Counter[str] = Counter()
    found = {}
    for lead in leads.values():
        parts = tuple(each.value for each in DataClass if each not in holds.classes and each not in lead.erased)
        if lead.is_open or lead.is_converted:
            left[Left.OPEN if lead.is_open else Left.CONVERTED] += 1
        elif lead.id in holds.leads:
            left[Left.HELD] += 1
        elif parts:
            found[lead.id] = parts
    return found, dict(left)


def leads_of_person(person_id: UUID) -> QuerySet[Lead]:
    """Return the leads of which somebody, or whoever was merged into them, is the patient or the contact."""
    own = Person.rows().filter(Q(id=person_id) | Q(merged_into=person_id)).values("id")
    return Lead.rows().filter(Q(person__in=own) | Q(contact_person__in=own))


@dataclass(frozen=True, slots=True)
class Holds:
    """What is held now: leads (by themselves or by a person), and classes of data."""

    leads: frozenset[UUID]
    classes: frozenset[str]


def holds_now(leads: Collection[UUID]) -> Holds:
    """Return which of these leads, and which classes, are under a legal hold."""
    rows = list(LegalHold.rows().filter(ended_at=None))
    classes = frozenset(row.data_class for row in rows if row.scope == HoldScope.CLASS)
    held = {row.lead_id for row in rows if row.lead_id} & set(leads)
    persons = {row.person_id for row in rows if row.person_id}
    if persons:
        merged = Person.rows().filter(Q(id__in=persons) | Q(merged_into__in=persons))
        roots = {each for pair in merged.values_list("id", "merged_into_id") for each in pair if each}
        group = Person.rows().filter(Q(id__in=roots) | Q(merged_into__in=roots)).values("id")
        theirs = Lead.rows().filter(Q(person__in=group) | Q(contact_person__in=group)).values_list("id", flat=True)
        decided = DecisionMaker.rows().filter(person__in=group).values_list("lead_id", flat=True)
        held |= (set(theirs) | set(decided)) & set(leads)
    return Holds(frozenset(held), classes)


def _resting(before: datetime, only: Collection[UUID] | None) -> dict[UUID, _Lead]:
    rows = Lead.rows().annotate(rested_since=_rest()).filter(captured_at__lt=before, rested_since__lt=before)
    return _read(rows if only is None else rows.filter(id__in=only))


def _rest() -> Greatest:
    return Greatest("captured_at", Coalesce("last_activity_at", "captured_at"), Coalesce("closed_at", "captured_at"))


def _read(rows: QuerySet[Lead]) -> dict[UUID, _Lead]:
    won = Closure.rows().filter(lead_id=OuterRef("id"), is_won=True)
    visits = Appointment.rows().filter(lead_id=OuterRef("id")).exclude(state=AppointmentState.CANCELLED)
    rows = rows.annotate(rested=_rest(), converted=Exists(won) | Exists(visits) | Q(stage__key__in=CONVERTED_STAGES))
    found = {
        lead_id: _Lead(lead_id, rested, closed is None, converted)
        for lead_id, rested, closed, converted in rows.values_list("id", "rested", "closed_at", "converted")
    }
    for subject, part in Erased.rows().filter(subject_id__in=found).values_list("subject_id", "part"):
        found[subject].erased.add(part)
    return found


def bindings_of(leads: Iterable[UUID]) -> dict[str, Any]:
    """Return the submissions, the people and the contact values that hang on leads, as the plan names them.

    `people` are all of them, `persons` those whom nothing else needs once these leads are gone.
    """
    found: dict[str, Any] = {"org": current_organization_id(), "leads": list(leads)}
    with connection.cursor() as cursor:
        for name, statement in (("subs", SUBMISSIONS), ("people", PEOPLE), ("persons", PERSONS)):
            cursor.execute(statement.format(**ASKED), found)
            found[name] = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT value FROM leads_contactpoint WHERE organization_id = %(org)s AND person_id = ANY(%(persons)s)",
            found,
        )
        found["values"] = [row[0] for row in cursor.fetchall()]
    return found


def counts_of(parts: Mapping[UUID, tuple[str, ...]]) -> dict[str, int]:
    """Return how many rows of each table would be emptied or go, with `people`, without touching any."""
    by_part: dict[str, list[UUID]] = {}
    for lead_id, own in parts.items():
        for part in own:
            by_part.setdefault(part, []).append(lead_id)
    found: Counter[str] = Counter()
    for part, leads in by_part.items():
        bound = bindings_of(leads)
        with connection.cursor() as cursor:
            for table, statement in counting(ASKED, frozenset({part})):
                cursor.execute(statement, bound)
                found[table] += cursor.fetchone()[0]
        if part == DataClass.IDENTITY:
            found["people"] = len(bound["persons"])
    return {name: n for name, n in sorted(found.items()) if n}
