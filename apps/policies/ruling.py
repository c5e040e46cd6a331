"""Which version decides about one lead: the one in force, or what an experiment tries on it.

Everything that routes a lead asks here, so that arrival, release, correction and reopening agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.policies.decisions.experiments import Arm, Period, Scope, arm_of
from apps.policies.models import Experiment, RuleSetVersion
from apps.tenancy.stamps import settings_read


@dataclass(frozen=True, slots=True)
class Ruling:
    """The version that decides about a lead, and the experiment and arm by which it does."""

    version: RuleSetVersion | None
    experiment: Experiment | None = None
    arm: str = ""


def ruling_for(
    kind: str, *, lead_id: UUID, facts: Mapping[str, object], live: Mapping[str, RuleSetVersion], now: datetime
) -> Ruling:
    """Return by which version of a kind a lead with these facts is judged, `live` being what is in force."""
    version = live.get(kind)
    for row in running(version, now):
        if scope_of(row).holds(facts):
            arm = arm_of(row.id, lead_id, row.percent)
            return Ruling(row.candidate if arm is Arm.CANDIDATE else version, row, arm)
    return Ruling(version)


def running(version: RuleSetVersion | None, now: datetime) -> list[Experiment]:
    """Return the experiments that run against a version at an instant; none where it has ceased to rule."""
    if version is None:
        return []
    return [row for row in approved() if row.control_id == version.id and period_of(row).covers(now)]


@settings_read
def approved() -> tuple[Experiment, ...]:
    """Return the experiments that were approved and not ended by anybody, oldest first."""
    rows = Experiment.rows().filter(state="approved").select_related("candidate__rule_set")
    return tuple(rows.order_by("number"))


def scope_of(row: Experiment) -> Scope:
    """Return the leads that an experiment is about."""
    return Scope(tuple(row.services), tuple(row.channels))


def period_of(row: Experiment) -> Period:
    """Return when an experiment runs; one that has no start yet would begin when it was made."""
    return Period(row.starts_at or row.created_at, row.ends_at)
