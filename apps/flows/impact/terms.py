"""Words of a replay: a past lead as it was judged, the way it goes under some rules, and what all of them add up to."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.catalog.business_hours import Hours, is_open
from apps.leads.gates import Gates
from apps.qualification.decisions import Scorecard
from apps.routing.decisions.compiled_layers import RoutingRules
from apps.routing.terms import Member, Network
from apps.sla.decisions import Policies

#: The kinds of rules whose change a replay shows.
REPLAYED = ("routing", "scoring", "gates", "sla")
#: What the ways of a lead are compared by, and what the page calls it; each has a matrix of its own.
SIDES: Mapping[str, str] = {
    "queue": "Queue",
    "priority": "Priority",
    "band": "Fit and intent",
    "policy": "Service level",
}
HOURS = 24


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that decide where a lead goes and by when, compiled; the fallback alone for one that is stopped."""

    routing: RoutingRules
    fallback: RoutingRules
    scorecard: Scorecard
    gates: Gates
    policies: Policies


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of a team over a stretch of time: when open work came to them and when it ended, each in order."""

    membership_id: UUID
    capacity: int | None
    skills: frozenset[str]
    shift: Hours | None
    took: tuple[datetime, ...]
    ended: tuple[datetime, ...]

    def open_at(self, at: datetime) -> int:
        """Return how many open leads they held just before an instant."""
        return bisect_left(self.took, at) - bisect_right(self.ended, at)

    def as_member(self, at: datetime) -> Member:
        """Return them as a candidate at an instant. Who was away is not known: everybody counts as there."""
        on_shift = self.shift is None or is_open(self.shift, at)
        return Member(self.membership_id, True, 0, self.open_at(at), self.capacity, self.skills, on_shift)


@dataclass(frozen=True, slots=True)
class Past:
    """A past lead as the rules saw it: facts, network with its opening hours, what stopped it.

    `clock_at` is when its contact clock began: quiet hours and consent of that day are in it. `usual` is the service
    level that its channel promises. `known` is the verdict that is kept, where the rules compared against gave it.
    """

    lead_id: str
    at: datetime
    facts: Mapping[str, Any]
    network: Network
    exception: str = ""
    clock_at: datetime | None = None
    usual: str = ""
    known: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Where a lead goes: the queue that takes it and, if that one is only for the night, the one by day.

    `late_seconds` is how far beyond its first contact's deadline the queue opens at the earliest. `is_full`: the queue
    gives leads out, and nobody in it had room at that time.
    """

    queue: str
    day_queue: str
    priority: str
    band: str
    policy: str
    rule_id: str
    stopped: str
    is_lost: bool
    late_seconds: int
    is_full: bool = False

    @property
    def differs_by(self) -> tuple[str, str, str, str, str, str]:
        """What makes another way of it; the rule's name alone does not."""
        return self.queue, self.day_queue, self.priority, self.band, self.policy, self.stopped

    def as_json(self) -> dict[str, Any]:
        """Return the way as plain JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Tally:
    """What the compared leads add up to; plain JSON between two parts of a run.

    `matrices` count by side, from and to; `load` by queue the leads of each hour of the day, before and after.
    """

    total: int = 0
    changed: int = 0
    moved: int = 0
    late: list[int] = field(default_factory=lambda: [0, 0])
    later: int = 0
    lost: list[int] = field(default_factory=lambda: [0, 0])
    nobody: int = 0
    full: list[int] = field(default_factory=lambda: [0, 0])
    unread: int = 0
    words_gone: int = 0
    matrices: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    load: dict[str, list[list[int]]] = field(default_factory=dict)
