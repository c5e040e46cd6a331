"""Sections about how services get scheduled. They name teams, so they are applied after them."""

from collections.abc import Iterable
from typing import Any

from apps.accounts.models import Team
from apps.accounts.saving import Change
from apps.catalog.menu import save_workflow, schedule_service, switch_off_workflows
from apps.catalog.models import OutsideSystem, SchedulingWorkflow
from apps.catalog.outside import save_system
from apps.catalog.terms import FieldUse, OutsideAdapter, WorkflowKind
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema_catalog import OutsideSystemPart, ServicePart, WorkflowPart
from apps.onboarding.terms import Effect


def apply_workflows(run: Run, parts: Iterable[WorkflowPart]) -> None:
    """Save the workflows."""
    teams = {row.key: row for row in Team.rows()}
    for part in parts:
        values = {"name": part.name, "kind": str(part.kind), "team": teams[part.team], "system": part.system}
        saved = save_workflow(actor=run.actor, key=part.key, values=values)
        run.note("workflows", "workflow", part.key, saved.row.id, saved.change)


def end_workflows(run: Run, parts: Iterable[WorkflowPart]) -> None:
    """Switch off the workflows that are not named; by now the services of the file have theirs.

    Refuses the file while a service in use is scheduled by one of them.
    """
    with at("workflows"):
        ended = switch_off_workflows(actor=run.actor, keep={part.key for part in parts})
    for row in ended:
        run.changes.note(Effect.DEACTIVATED, "workflow", row.key)


def schedule_services(run: Run, parts: Iterable[ServicePart]) -> None:
    """Save how each service gets scheduled, whose it is and from when."""
    workflows = {row.key: row for row in SchedulingWorkflow.rows()}
    teams = {row.key: row for row in Team.rows()}
    for part in parts:
        saved = schedule_service(
            actor=run.actor,
            key=part.key,
            workflow=workflows[part.workflow] if part.workflow else None,
            owner=teams[part.owner] if part.owner else None,
            effective_on=part.effective_on,
        )
        if saved.change is Change.UPDATED:
            run.changes.note(Effect.UPDATED, "service", part.key)


def export_workflows() -> list[WorkflowPart]:
    """Return the active workflows."""
    rows = SchedulingWorkflow.rows().filter(is_active=True).select_related("team").order_by("key")
    return [
        WorkflowPart(key=row.key, name=row.name, kind=WorkflowKind(row.kind), team=row.team.key, system=row.system)
        for row in rows
    ]


def apply_systems(run: Run, parts: Iterable[OutsideSystemPart]) -> None:
    """Save the outside systems; one that is not named stays as it is."""
    for part in parts:
        values: dict[str, Any] = {"name": part.name, "adapter": str(part.adapter), "address": part.address}
        values |= {"fields": list(part.fields), "purpose": str(part.purpose)}
        saved = save_system(actor=run.actor, key=part.key, values=values)
        run.note("outside_systems", "outside system", part.key, saved.row.id, saved.change)


def export_systems() -> list[OutsideSystemPart]:
    """Return the outside systems in use, without their secrets."""
    rows = OutsideSystem.rows().filter(is_active=True).order_by("key")
    return [
        OutsideSystemPart(
            key=row.key,
            name=row.name,
            adapter=OutsideAdapter(row.adapter),
            address=row.address,
            fields=tuple(row.fields),
            purpose=FieldUse(row.purpose),
        )
        for row in rows
    ]
