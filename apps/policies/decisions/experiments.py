"""Pure rules of experiments: which leads are part of one, in which arm, whether two get in each other's way.

An arm follows from the experiment and the lead alone, so that a lead stays in its arm however often it is routed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

#: Shares are told apart to a hundredth of a percent.
_BUCKETS = 10_000


class Arm(StrEnum):
    """A goes by the version in force, B by the candidate."""

    CONTROL = "A"
    CANDIDATE = "B"


@dataclass(frozen=True, slots=True)
class Scope:
    """The leads that an experiment is about; nothing named of services or channels means all of them."""

    services: Sequence[str] = ()
    channels: Sequence[str] = ()

    def holds(self, facts: Mapping[str, object]) -> bool:
        """Whether a lead with these facts is part of it; what is not known is not part of a named choice."""
        return _within(facts.get("service"), self.services) and _within(facts.get("channel"), self.channels)

    def meets(self, other: "Scope") -> bool:
        """Whether one lead could be part of both."""
        return _share(self.services, other.services) and _share(self.channels, other.channels)


@dataclass(frozen=True, slots=True)
class Period:
    """From the start on, until right before the end."""

    starts_at: datetime
    ends_at: datetime

    def covers(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.starts_at <= at < self.ends_at

    def meets(self, other: "Period") -> bool:
        """Whether two periods share an instant."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def arm_of(experiment_id: UUID, lead_id: UUID, percent: int) -> Arm:
    """Return a lead's arm: so many of a hundred leads go by the candidate, always the same ones."""
    digest = blake2b(lead_id.bytes, key=experiment_id.bytes, digest_size=8).digest()
    drawn = int.from_bytes(digest, "big") % _BUCKETS
    return Arm.CANDIDATE if drawn < percent * _BUCKETS // 100 else Arm.CONTROL


def plan_faults(*, percent: int, is_pilot: bool, scope: Scope, period: Period, now: datetime) -> dict[str, str]:
    """Return what is wrong with a plan, by field."""
    faults = {}
    if not 1 <= percent <= 100:
        faults["percent"] = "Choose a share from 1 to 100 percent."
    if is_pilot and percent != 100:
        faults["percent"] = "A pilot takes all leads of its service or channel: 100 percent."
    if is_pilot and not scope.services and not scope.channels:
        faults["services"] = "Name the service or the channel that the pilot is about."
    if not is_pilot and percent == 100:
        faults["percent"] = "With 100 percent there is nothing to compare with. Choose less, or make it a pilot."
    if period.ends_at <= max(period.starts_at, now):
        faults["ends_at"] = "It has to end after its start, and not in the past."
    return faults


def _within(fact: object, named: Sequence[str]) -> bool:
    return not named or fact in named


def _share(mine: Sequence[str], others: Sequence[str]) -> bool:
    return not mine or not others or bool(set(mine) & set(others))
