"""What came of experiments: how many leads each arm had, and how many reached the stage that counts as success."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from apps.leads.models import StageSpell
from apps.leads.terms import StageKey
from apps.policies.decisions.experiments import Arm
from apps.policies.decisions.watch import Interval, interval_of
from apps.policies.models import Experiment
from apps.routing.models import RoutingDecision

#: The stages that may count as success, in their order: who reached a later one has passed the earlier.
GOALS = (StageKey.CONTACTED, StageKey.QUALIFIED, StageKey.SCHEDULED, StageKey.IN_TREATMENT)


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm: its leads, those of them that reached the goal, and the share with its interval."""

    arm: Arm
    leads: int
    reached: int
    interval: Interval

    @property
    def words(self) -> str:
        """The arm in words, as the text of its picture."""
        bounds = self.interval
        return (
            f"{self.arm}: {self.reached} of {self.leads}, {bounds.share:.1f} % ({bounds.low:.1f} to {bounds.high:.1f})"
        )


def results_of(rows: Sequence[Experiment]) -> dict[UUID, tuple[ArmResult, ...]]:
    """Return both arms of each experiment in one query; test leads do not count."""
    found = {(each["experiment"], each["arm"]): each for each in _counted(rows)}
    return {
        row.id: tuple(
            _result(arm, found.get((row.id, arm.value), {}), row.goal)
            for arm in Arm
            if not (row.is_pilot and arm is Arm.CONTROL)
        )
        for row in rows
    }


def _counted(rows: Sequence[Experiment]) -> list[dict[str, object]]:
    reached = {
        goal.value: Count("lead", distinct=True, filter=Exists(_since(GOALS[number:])))
        for number, goal in enumerate(GOALS)
    }
    decided = RoutingDecision.rows().filter(experiment__in=[row.id for row in rows], lead__is_test=False)
    grouped = decided.values("experiment", "arm").annotate(leads=Count("lead", distinct=True), **reached)
    return [dict(each) for each in grouped.order_by("experiment", "arm")]


def _since(stages: Sequence[StageKey]) -> "QuerySet[StageSpell]":
    return StageSpell.rows().filter(
        lead=OuterRef("lead"), stage__key__in=[each.value for each in stages], started_at__gte=OuterRef("decided_at")
    )


def _result(arm: Arm, counted: dict[str, object], goal: str) -> ArmResult:
    leads, reached = (int(str(counted.get(name, 0))) for name in ("leads", goal))
    return ArmResult(arm, leads, reached, interval_of(reached, leads))
