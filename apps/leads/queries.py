"""Read leads, their story and their tasks. Which leads an actor may see is `ownership.queries`' part."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Party
from apps.catalog.outside import system_keys
from apps.leads.gates import Gates, compile_gates
from apps.leads.models import (
    ContactPoint,
    InferredValue,
    Lead,
    LeadParty,
    Pipeline,
    Stage,
    StageSpell,
    Task,
    TimelineEntry,
    Touch,
)
from apps.leads.process import Process, compile_process
from apps.leads.terms import REPEATS, PartyPart
from apps.policies.compiling import compiled
from apps.policies.queries import versions_in_force
from apps.tenancy.stamps import settings_read


def stage_keys() -> frozenset[str]:
    """Return the stages that rules may name."""
    return frozenset(Stage.rows().values_list("key", flat=True))


def pipeline_keys() -> frozenset[str]:
    """Return the pipelines that rules may name."""
    return frozenset(pipelines_by_key())


def reporter_keys() -> frozenset[str]:
    """Return who may report to us where a lead is: outside systems and partners."""
    return system_keys() | frozenset(Party.rows().values_list("key", flat=True))


@settings_read
def pipelines_by_key() -> dict[str, Pipeline]:
    """Return all pipelines."""
    return {row.key: row for row in Pipeline.rows().order_by("key")}


@settings_read
def stages_by_key(pipeline_id: UUID) -> dict[str, Stage]:
    """Return the stages of a pipeline in order."""
    return {row.key: row for row in Stage.rows().filter(pipeline_id=pipeline_id).order_by("position")}


def stage_names() -> dict[str, str]:
    """Return what the stages are called by key, over all pipelines; of two names that of the first pipeline."""
    found: dict[str, str] = {}
    for pipeline in pipelines_by_key().values():
        for key, row in stages_by_key(pipeline.id).items():
            found.setdefault(key, row.label)
    return found


def stages_of(lead: Lead) -> list[Stage]:
    """Return the stages of the lead's pipeline in order."""
    return list(Stage.rows().filter(pipeline_id=lead.pipeline_id).order_by("position"))


def stage_spells_of(lead: Lead) -> list[StageSpell]:
    """Return how long the lead was in each stage, first to last."""
    return list(StageSpell.rows().filter(lead=lead).select_related("stage").order_by("started_at", "id"))


def timeline_of(lead: Lead, limit: int = 100) -> list[TimelineEntry]:
    """Return the lead's story, newest first."""
    return list(TimelineEntry.rows().filter(lead=lead).order_by("-at", "-id")[:limit])


def open_tasks_of(lead: Lead) -> list[Task]:
    """Return the lead's open and suppressed tasks, next first."""
    rows = Task.rows().filter(lead=lead, state__in=["open", "suppressed"])
    return list(rows.select_related("team", "assignee__user").order_by("due_at"))


def touches_of(lead: Lead) -> list[Touch]:
    """Return every contact of the person that led to this lead, first to last."""
    rows = Touch.rows().filter(lead=lead).select_related("source", "campaign", "party")
    return list(rows.order_by("at", "id"))


def parties_of(lead_ids: Iterable[UUID]) -> dict[UUID, list[LeadParty]]:
    """Return the organisations that play a part in each lead, the one that delivered it first (row TA-02)."""
    found: dict[UUID, list[LeadParty]] = {}
    rows = LeadParty.rows().filter(lead_id__in=list(lead_ids)).select_related("party").order_by("id")
    for row in sorted(rows, key=lambda each: each.part != PartyPart.SOURCE):
        found.setdefault(row.lead_id, []).append(row)
    return found


def inferred_values_of(lead_ids: Iterable[UUID]) -> dict[UUID, list[InferredValue]]:
    """Return of each lead what was inferred and nobody has stated since."""
    found: dict[UUID, list[InferredValue]] = {}
    for row in InferredValue.rows().filter(lead_id__in=list(lead_ids), ended_at__isnull=True).order_by("field"):
        found.setdefault(row.lead_id, []).append(row)
    return found


def other_leads_of(lead: Lead) -> list[Lead]:
    """Return the person's other leads, newest first."""
    rows = Lead.rows().filter(person_id=lead.person_id).exclude(id=lead.id)
    return list(rows.select_related("service", "stage", "owner_team").order_by("-created_at"))


def touch_of(lead_id: UUID, touch_id: UUID) -> Touch | None:
    """Return one contact of a lead."""
    return Touch.rows().filter(lead_id=lead_id, id=touch_id).select_related("source", "campaign", "party").first()


def linked_leads_of(lead: Lead) -> list[Lead]:
    """Return other people's leads that this one is linked to, or that are linked to it: split off, newest first."""
    rows = Lead.rows().filter(Q(id=lead.related_to_id) | Q(related_to=lead)).exclude(person_id=lead.person_id)
    return list(rows.select_related("service", "stage", "owner_team").order_by("-created_at"))


def story_since(lead: Lead, at: datetime, kinds: Iterable[str]) -> list[TimelineEntry]:
    """Return what was written into the lead's story since an instant, of some kinds, oldest first."""
    rows = TimelineEntry.rows().filter(lead=lead, at__gte=at, kind__in=list(kinds))
    return list(rows.order_by("at", "id")[:50])


def unseen_repeats(membership_id: UUID) -> list[Touch]:
    """Return the repeats of somebody's open leads that they have not seen, newest first (row DU-13)."""
    rows = Touch.rows().filter(seen_at__isnull=True, verdict__in=REPEATS)
    rows = rows.filter(lead__owner_id=membership_id, lead__closed_at__isnull=True)
    return list(rows.select_related("lead", "source", "party").order_by("-at", "-id")[:20])


def leads_of(person_id: UUID) -> list[Lead]:
    """Return every lead of a person, newest first."""
    rows = Lead.rows().filter(person_id=person_id).select_related("person", "service", "stage", "owner_team")
    return list(rows.order_by("-captured_at", "-id"))


def contact_points_of(person_ids: Iterable[UUID]) -> dict[UUID, list[ContactPoint]]:
    """Return the contact points of people, primary first."""
    found: dict[UUID, list[ContactPoint]] = {}
    rows = ContactPoint.rows().filter(person_id__in=list(person_ids)).order_by("-is_primary", "created_at")
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def process_in_force(at: datetime) -> Process:
    """Return the process that rules at an instant, compiled once per version."""
    return compiled(versions_in_force(at).get("process"), compile_process)


def status_words(at: datetime) -> dict[str, str]:
    """Return the statuses by the clock with their words, of all pipelines; the first pipeline that names one has it."""
    found: dict[str, str] = {}
    for course in process_in_force(at).courses.values():
        for each in course.statuses:
            found.setdefault(each.key, each.label)
    return found


def gates_in_force(at: datetime) -> Gates:
    """Return the moves and gates that rule at an instant, compiled once per version."""
    return compiled(versions_in_force(at).get("gates"), compile_gates)
