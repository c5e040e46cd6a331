"""What came of experiments: how many each arm had, how many reached the goal, and what that says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery

from apps.capture.models import FormVisit, Submission
from apps.capture.trials import KIND as FORM
from apps.capture.trials import SENT, counts_of
from apps.flows.models import LeadArm
from apps.flows.stage_trials import KIND as STAGE
from apps.leads.models import StageSpell
from apps.leads.terms import StageKey
from apps.policies.decisions.experiments import Arm, Counted, Verdict, verdict_of
from apps.policies.decisions.watch import Interval, interval_of
from apps.policies.models import Experiment
from apps.routing.models import RoutingDecision

#: The stages that may count as success, in their order: who reached a later one has passed the earlier.
GOALS = (StageKey.CONTACTED, StageKey.QUALIFIED, StageKey.SCHEDULED, StageKey.IN_TREATMENT)
#: What is counted, by kind of experiment.
CALLED = {FORM: "visitors"}


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm: its leads (of a form its visitors), those that reached the goal, and the share with its interval."""

    arm: Arm
    leads: int
    reached: int
    interval: Interval

    @property
    def words(self) -> str:
        """The arm in words, as the text of its picture."""
        if not self.leads:
            return f"{self.arm}: no leads yet"
        bounds = self.interval
        return (
            f"{self.arm}: {self.reached} of {self.leads}, {bounds.share:.1f} % ({bounds.low:.1f} to {bounds.high:.1f})"
        )


def results_of(rows: Sequence[Experiment]) -> dict[UUID, tuple[ArmResult, ...]]:
    """Return the arms of each experiment, with the same few queries for one and for fifty; test leads do not count."""
    found: dict[tuple[UUID, str], Mapping[str, Any]] = {}
    by_kind = {kind: [row.id for row in rows if row.kind == kind] for kind in {row.kind for row in rows}}
    for kind, ids in by_kind.items():
        found |= _of_forms(ids) if kind == FORM else _of_leads(_placed(kind, ids))
    return {
        row.id: tuple(
            _result(arm, found.get((row.id, arm.value), {}), row.goal)
            for arm in Arm
            if not (row.is_pilot and arm is Arm.CONTROL)
        )
        for row in rows
    }


def verdict_on(row: Experiment, arms: Sequence[ArmResult]) -> Verdict | None:
    """Say what the numbers of an experiment show; None of a pilot, which compares nothing."""
    if len(arms) < 2:
        return None
    control, candidate = (Counted(each.reached, each.leads) for each in arms)
    called = CALLED.get(row.kind, "leads")
    return verdict_of(control, candidate, least=row.least_per_arm, wanted_points=row.wanted_points, called=called)


def _placed(kind: str, ids: list[UUID]) -> "QuerySet[Any]":
    """Return the leads of experiments with rules or steps, each with the instant from which on its stages count."""
    rows: QuerySet[Any] = LeadArm.rows() if kind == STAGE else RoutingDecision.rows()
    since = F("at" if kind == STAGE else "decided_at")
    placed: QuerySet[Any] = rows.filter(experiment__in=ids, lead__is_test=False).annotate(since=since)
    return placed


def _of_leads(placed: "QuerySet[Any]") -> dict[tuple[UUID, str], Mapping[str, Any]]:
    reached = {
        goal.value: Count("lead", distinct=True, filter=Exists(_since(GOALS[number:], "lead", "since")))
        for number, goal in enumerate(GOALS)
    }
    grouped = placed.values("experiment", "arm").annotate(whole=Count("lead", distinct=True), **reached)
    return {(each["experiment"], each["arm"]): each for each in grouped.order_by("experiment", "arm")}


def _of_forms(ids: list[UUID]) -> dict[tuple[UUID, str], Mapping[str, Any]]:
    """Return of forms how many saw each arm, and how many sent it or became leads that came to a stage."""
    sent = FormVisit.rows().filter(experiment__in=ids, submission_id__isnull=False)
    leads = Submission.rows().filter(id=OuterRef("submission_id"), is_test=False).values("lead_id")[:1]
    placed = sent.annotate(of_lead=Subquery(leads))
    reached = {
        goal.value: Count("of_lead", distinct=True, filter=Exists(_since(GOALS[number:], "of_lead", "at")))
        for number, goal in enumerate(GOALS)
    }
    staged = placed.values("experiment", "arm").annotate(**reached).order_by("experiment", "arm")
    by_arm = {(each["experiment"], each["arm"]): each for each in staged}
    return {
        arm: {**by_arm.get(arm, {}), "whole": count.shown, SENT: count.sent - count.refused}
        for arm, count in counts_of(ids).items()
    }


def _since(stages: Sequence[StageKey], lead: str, since: str) -> "QuerySet[StageSpell]":
    return StageSpell.rows().filter(
        lead=OuterRef(lead), stage__key__in=[each.value for each in stages], started_at__gte=OuterRef(since)
    )


def _result(arm: Arm, counted: Mapping[str, Any], goal: str) -> ArmResult:
    whole = int(counted.get("whole", 0))
    # Who was shown a form once may send it twice, from two visits: a share stays one.
    reached = min(int(counted.get(goal, 0)), whole)
    return ArmResult(arm, whole, reached, interval_of(reached, whole))
