"""Words of the board: queues and people now, the alarms they raise, and who takes over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: So many leads of one queue at risk at once are a matter for a supervisor, not for each owner.
BULK = 5
#: How long a first contact keeps somebody busy, unless the tenant's setting `minutes_per_lead` says otherwise.
SECONDS_PER_LEAD = 300


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """How a queue stands now. `oldest_since` is when its longest unassigned lead came to its team.

    `target_seconds` is the shortest time to a first contact that leads of the last hour were promised.
    """

    key: str
    name: str
    team: str
    max_wait_seconds: int
    open: int = 0
    unassigned: int = 0
    oldest_since: datetime | None = None
    late: int = 0
    at_risk: int = 0
    unanswered: int = 0
    never_attempted: int = 0
    arrivals: int = 0
    handled: int = 0
    judged: int = 0
    within: int = 0
    available: int = 0
    target_seconds: int = 0
    due_by_hour: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamTotal:
    """What another team holds, as one line: no people and no queues of theirs."""

    team: str
    open: int = 0
    unassigned: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """What a person carries now, whether they take more; `origins` name them, by team, where leads are given out."""

    name: str
    teams: tuple[str, ...]
    availability: str
    open: int
    due: int
    cap: int
    origins: tuple[str, ...] = ()


class AlarmKind(StrEnum):
    """What a supervisor should decide about now."""

    NOBODY_AVAILABLE = "nobody_available"
    WAITS_TOO_LONG = "waits_too_long"
    UNDERSTAFFED = "understaffed"
    ABOUT_TO_FAIL = "about_to_fail"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to decide about one queue; `number` is leads, seconds of waiting, or percent answered in time."""

    kind: AlarmKind
    queue: QueueHealth
    number: int


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who could take leads: what they hold now, and their limit."""

    key: str
    name: str
    open: int
    cap: int
    is_available: bool


@dataclass(frozen=True, slots=True)
class Share:
    """How many leads somebody would get."""

    taker: Taker
    gets: int

    @property
    def after(self) -> int:
        """What they would hold then."""
        return self.taker.open + self.gets
