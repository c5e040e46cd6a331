"""The service menu: which services may be asked for, and what each needs before it counts (row DD-09).

A service is the one category that forms, scripts, rules and reports share: too many, or one that nobody can
schedule, are found out here and not by a person who waits.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from apps.accounts.models import Team
from apps.accounts.saving import Saved, require_settings, save_row, switch_off
from apps.catalog.models import SchedulingWorkflow, Service
from apps.catalog.queries import most_services
from apps.catalog.terms import WorkflowKind
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem

OWN_APPROVAL = "Who proposed a service cannot approve it. Ask a colleague."


def save_workflow(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[SchedulingWorkflow]:
    """Create or update a scheduling workflow. Refuses another system without its name, and a team that is no more.

    Refuses to switch off one that a service in use is scheduled by; the sentence names them.
    """
    require_settings(actor, "schedulingworkflow")
    problems = []
    there = SchedulingWorkflow.rows().select_for_update(of=("self",)).filter(key=key).first()
    if there is not None and not values.get("is_active", True) and (sentence := _why_needed(there)):
        problems.append(Problem("/is_active", "in_use", sentence))
    is_external = values.get("kind") == WorkflowKind.EXTERNAL
    if is_external != bool(str(values.get("system", "")).strip()):
        said = "Name the system in which it is scheduled." if is_external else "Only another system has a name here."
        problems.append(Problem("/system", "system", said))
    team = values.get("team")
    if team is not None and not team.is_active and values.get("is_active", True):
        problems.append(Problem("/team", "inactive", f"{team.name} is switched off."))
    if problems:
        raise Invalid("The workflow.", tuple(problems))
    return save_row(SchedulingWorkflow, actor=actor, find={"key": key}, values={"is_active": True, **values})


def switch_off_workflows(*, actor: Actor, keep: set[str]) -> list[SchedulingWorkflow]:
    """Switch off the workflows whose key is not to be kept; return them. Refuses while a service in use needs one."""
    require_settings(actor, "schedulingworkflow")
    rows = SchedulingWorkflow.rows().select_for_update(of=("self",)).filter(is_active=True).exclude(key__in=keep)
    needed = [sentence for row in rows.order_by("key") if (sentence := _why_needed(row))]
    if needed:
        raise Invalid(" ".join(needed), tuple(Problem("", "in_use", each) for each in needed))
    return switch_off(SchedulingWorkflow, actor=actor, keep=keep)


def check_service(there: Service | None, wanted: Mapping[str, Any]) -> None:
    """Refuse a new service without owner or effective date, and any that would count without a real workflow."""
    if problems := tuple(_problems(there, wanted)):
        raise Invalid("The service.", problems)


def waits_for_approval(there: Service | None, wanted: Mapping[str, Any]) -> bool:
    """Say whether the service would be one more than advised, and nobody else has agreed to it yet."""
    if not wanted.get("is_active") or (there is not None and (there.is_active or there.approved_by)):
        return False
    others = Service.rows().filter(is_active=True)
    count = others.exclude(id=there.id).count() if there is not None else others.count()
    return count >= most_services()


def approve_service(*, actor: Actor, service: Service) -> Saved[Service]:
    """Let a proposed service count. Refuses the one who proposed it, and one that nobody proposed."""
    require_settings(actor, "service")
    row = Service.rows().select_for_update(of=("self",)).get(id=service.id)
    if not row.proposed_by:
        raise Conflict("This service waits for nobody's approval.", code="not_proposed")
    if row.proposed_by == name_of(actor):
        raise Invalid(OWN_APPROVAL, (Problem("", "own_approval", OWN_APPROVAL),))
    check_service(row, {"is_active": True})
    values = {"is_active": True, "approved_by": name_of(actor), "proposed_by": ""}
    return save_row(Service, actor=actor, find={"key": row.key}, values=values)


def schedule_service(
    *, actor: Actor, key: str, workflow: SchedulingWorkflow | None, owner: Team | None, effective_on: date | None
) -> Saved[Service]:
    """Say how a service is scheduled, whose it is and from when. Refuses to take its workflow away."""
    values = {"workflow": workflow, "owner": owner, "effective_on": effective_on}
    check_service(Service.rows().select_related("workflow").get(key=key), values)
    return save_row(Service, actor=actor, find={"key": key}, values=values)


def name_of(actor: Actor) -> str:
    """Return what tells one proposer from another."""
    return str(actor.id or actor.label)


def _why_needed(row: SchedulingWorkflow) -> str:
    """Return which services in use are scheduled by the workflow, as a sentence; "" where none is."""
    names = Service.rows().filter(workflow=row, is_active=True).order_by("name").values_list("name", flat=True)
    if not names:
        return ""
    return f"“{row.name}” schedules {', '.join(names)}: give them another workflow first, or switch them off."


def _problems(there: Service | None, wanted: Mapping[str, Any]) -> Iterator[Problem]:
    def value(name: str) -> Any:
        return wanted[name] if name in wanted else getattr(there, name, None)

    if there is None and value("owner") is None:
        yield Problem("/owner", "missing", "Name the team that answers for the service.")
    if there is None and value("effective_on") is None:
        yield Problem("/effective_on", "missing", "Say from which day the service counts.")
    if not value("is_active"):
        return
    workflow: SchedulingWorkflow | None = value("workflow")
    if workflow is not None:
        # Held until the service is saved: nobody may switch it off in between.
        workflow = SchedulingWorkflow.rows().select_for_update(of=("self",)).get(id=workflow.id)
    # A service of before there were workflows stays until somebody gives it one or switches it off.
    is_old = there is not None and there.is_active and there.workflow_id is None
    if workflow is None and not is_old:
        yield Problem("/workflow", "missing", "Without a scheduling workflow nobody could book it: choose one.")
    elif workflow is not None and not workflow.is_active:
        yield Problem("/workflow", "inactive", f"“{workflow.name}” is switched off.")
