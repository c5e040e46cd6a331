"""The steps of a stage in experiments (row RV-06): what is done for a lead that comes there, tried beside what is done.

The steps of a stage are the product's outreach plan: messages, contacts and alerts, each so long after the entry. A
lead stays in its arm however often it enters the stage.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from apps.audit import ledger
from apps.consent.models import ConsentEvent
from apps.flows.models import LeadArm
from apps.leads.decisions import check_next_actions
from apps.leads.models import Lead, Stage
from apps.policies.decisions.experiments import Arm, arm_of
from apps.policies.models import Experiment
from apps.policies.ruling import scope_of
from apps.policies.trials import Kind, Standing, Subject, part_of, register_kind, running_on, subject_of
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem

KIND = "stage"


@dataclass(frozen=True, slots=True)
class ArmCount:
    """One arm: its leads, and those whose person opted out of something afterwards."""

    leads: int = 0
    opted_out: int = 0


def steps_for(lead: Lead, now: datetime) -> Any:
    """Return what entering its stage brings for a lead: the stage's own steps, or those of its arm, which is kept."""
    stage = lead.stage
    row = running_on(KIND, stage.id, now)
    if row is None or stage.next_actions != part_of(row, Arm.CONTROL):
        return stage.next_actions
    facts = {"service": lead.service.key if lead.service else None, "channel": lead.capture_method}
    if lead.closed_at is not None or not scope_of(row).holds(facts):
        return stage.next_actions
    arm = arm_of(row.id, lead.id, row.percent)
    LeadArm.objects.bulk_create([LeadArm(experiment=row, lead=lead, arm=arm, at=now)], ignore_conflicts=True)
    return part_of(row, arm)


def opt_outs_of(experiment_ids: Iterable[UUID]) -> Mapping[tuple[UUID, str], ArmCount]:
    """Return by experiment and arm how many leads there are and whose people opted out since, in one query."""
    out = ConsentEvent.rows().filter(
        person=OuterRef("lead__person"), value__in=["withdrawn", "denied"], recorded_at__gt=OuterRef("at")
    )
    placed = LeadArm.rows().filter(experiment__in=list(experiment_ids), lead__is_test=False)
    found = placed.values("experiment", "arm").annotate(leads=Count("id"), out=Count("id", filter=Exists(out)))
    return {
        (each["experiment"], each["arm"]): ArmCount(each["leads"], each["out"])
        for each in found.order_by("experiment", "arm")
    }


def _plan(_actor: Actor, subject_id: UUID, change: Any, _now: datetime) -> Subject:
    stage = Stage.rows().select_related("pipeline").filter(id=subject_id).first()
    if stage is None:
        raise NotFound("There is no such stage.")
    faults = check_next_actions(change, "/steps")
    if faults:
        raise Invalid(faults[0].sentence, tuple(Problem(each.path, each.code, each.sentence) for each in faults))
    if change == stage.next_actions:
        sentence = "These are the steps of the stage already. Change them: that is arm B."
        raise Invalid(sentence, (Problem("/steps", "nothing_new", sentence),))
    arms = {Arm.CONTROL.value: stage.next_actions, Arm.CANDIDATE.value: change}
    return Subject(f"{stage.label} ({stage.pipeline.name})", arms)


def _standing(row: Experiment) -> Standing:
    steps = Stage.rows().filter(id=subject_of(row)).values_list("next_actions", flat=True).first()
    if steps == part_of(row, Arm.CONTROL):
        return Standing.CONTROL
    return Standing.CANDIDATE if steps == part_of(row, Arm.CANDIDATE) else Standing.OTHER


def _check(row: Experiment, _now: datetime) -> None:
    faults = check_next_actions(part_of(row, Arm.CANDIDATE), "/steps")
    if faults:
        raise Conflict(f"Arm B cannot be carried out: {faults[0].sentence}", code="bad_steps")


def _adopt(actor: Actor, row: Experiment, _now: datetime) -> None:
    standing = _standing(row)
    if standing is Standing.OTHER:
        raise Conflict("The stage has other steps by now. Change the pipeline instead.", code="control_changed")
    Stage.rows().filter(id=subject_of(row)).update(next_actions=part_of(row, Arm.CANDIDATE))
    ledger.record(
        actor=actor, action="stage.update", object_type="stage", object_id=row.subject_id, fields=["next_actions"]
    )


def _authors(_row: Experiment) -> frozenset[UUID]:
    return frozenset()


def register() -> None:
    """Let the steps of stages be tried."""
    register_kind(KIND, Kind(_plan, _standing, _check, _adopt, _authors))
