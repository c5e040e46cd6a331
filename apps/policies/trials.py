"""What else than rules can be tried on a part of the people: hosted forms, the steps of a stage.

The app that owns such a thing tells here how both arms are fixed, whether A is still in force, and how B is adopted;
the life of the experiment is the same for all (`experiments`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from apps.policies.decisions.experiments import Arm
from apps.policies.models import Experiment
from apps.policies.ruling import approved, period_of
from apps.tenancy.actor import Actor


class Standing(StrEnum):
    """Which arm is in force for everybody now."""

    CONTROL = "control"
    CANDIDATE = "candidate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tried: its name, and both arms as the experiment keeps them."""

    name: str
    arms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """The verbs of one kind of subject.

    `plan` fixes both arms of a subject; it raises Invalid where there is nothing to try. `standing` says which of them
    is in force. `check` raises what keeps B from being used. `adopt` puts B in force. `authors` are the people who made
    B, who do not approve it. `goals` are what may count as success besides stages.
    """

    plan: Callable[[Actor, UUID, Any, datetime], Subject]
    standing: Callable[[Experiment], Standing]
    check: Callable[[Experiment, datetime], None]
    adopt: Callable[[Actor, Experiment, datetime], None]
    authors: Callable[[Experiment], frozenset[UUID]]
    goals: tuple[str, ...] = ()


_kinds: dict[str, Kind] = {}


def register_kind(kind: str, verbs: Kind) -> None:
    """Name the verbs of a kind of subject; called once by the app that owns it."""
    _kinds[kind] = verbs


def kind_of(kind: str) -> Kind | None:
    """Return the verbs of a kind; None for rules, and for a kind that nobody registered."""
    return _kinds.get(kind)


def running_on(kind: str, subject_id: UUID, now: datetime) -> Experiment | None:
    """Return the experiment that runs with a subject at an instant; whether A is in force still is the caller's."""
    for row in approved():
        if (row.kind, row.subject_id) == (kind, subject_id) and period_of(row).covers(now):
            return row
    return None


def part_of(row: Experiment, arm: str) -> Any:
    """Return what an arm of an experiment is: of a form a version, of a stage its steps."""
    return row.arms[Arm(arm)]


def subject_of(row: Experiment) -> UUID:
    """Return the row that an experiment is about. Raises LookupError for one with rules, which has none."""
    if row.subject_id is None:
        raise LookupError(f"{row} is about rules.")
    return row.subject_id
