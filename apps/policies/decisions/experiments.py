"""Pure rules of experiments: which leads are part of one, in which arm, whether two get in each other's way; and what
the numbers of both arms say.

An arm follows from the experiment and the lead alone, so that a lead stays in its arm however often it is routed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from apps.policies.decisions.watch import difference_of, percent

#: Shares are told apart to a hundredth of a percent.
_BUCKETS = 10_000
#: Of fewer a share of what is refused says nothing.
_FEW = 10


class Arm(StrEnum):
    """A goes by the version in force, B by the candidate."""

    CONTROL = "A"
    CANDIDATE = "B"


class Says(StrEnum):
    """What the numbers of both arms allow to say."""

    TOO_FEW = "too_few"
    WANTED = "wanted"
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Counted:
    """One arm: how many there were, and how many of them came to the goal."""

    reached: int
    whole: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an experiment showed so far, in a word and in a sentence."""

    says: Says
    sentence: str


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


def verdict_of(control: Counted, candidate: Counted, *, least: int, wanted_points: int, called: str) -> Verdict:
    """Say whether the candidate does better, 95 times of 100 rightly; too few of one arm say nothing.

    `least` is how many each arm needs, `called` what is counted (leads, visitors). By Newcombe's interval of the
    difference of two shares: it tells a difference where 0 lies outside.
    """
    if min(control.whole, candidate.whole) < max(least, 1):
        sentence = (
            f"Too few to say: {least} {called} are needed in each arm; A has {control.whole}, B {candidate.whole}."
        )
        return Verdict(Says.TOO_FEW, sentence)
    shares = f"B {percent(candidate.reached, candidate.whole):.1f} %, A {percent(control.reached, control.whole):.1f} %"
    low, points, high = difference_of((candidate.reached, candidate.whole), (control.reached, control.whole))
    between = f"the difference lies between {low:+.1f} and {high:+.1f} percentage points"
    if low > 0 and points >= wanted_points:
        return Verdict(Says.WANTED, f"B does better, as was wanted: {shares}; {between}.")
    if low > 0:
        return Verdict(Says.BETTER, f"B does better, but less than {wanted_points} points: {shares}; {between}.")
    if high < 0:
        return Verdict(Says.WORSE, f"B does worse: {shares}; {between}.")
    return Verdict(Says.SAME, f"No difference can be told: {shares}; {between}.")


def refusal_alarm(control: Counted, candidate: Counted, *, most_points: int, called: str) -> str:
    """Return the sentence where more of the candidate's than of the control's were refused than is allowed, or "".

    `reached` counts what was refused here. Fewer than ten of the candidate's say nothing.
    """
    more = percent(candidate.reached, candidate.whole) - percent(control.reached, control.whole)
    if candidate.whole < _FEW or more <= most_points:
        return ""
    shares = f"{candidate.reached} of {candidate.whole} against {control.reached} of {control.whole} in arm A"
    return f"{called}: {shares}; up to {most_points} percentage points more are allowed."


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
