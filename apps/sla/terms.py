"""Words of service levels: policies with their clocks, the deadlines they give, and the light of a timer."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from apps.leads.terms import CONVERSATIONS, LeadEvent


class ClockKind(StrEnum):
    """What must have happened by the deadline."""

    ACKNOWLEDGEMENT = "acknowledgement"
    FIRST_CONTACT = "first_contact"
    ROUTING = "routing"
    ACCEPTANCE = "acceptance"
    FOLLOW_UP = "follow_up"
    EXCEPTION = "exception"
    INTAKE = "intake"
    ATTEMPT = "attempt"


#: What stands for a policy where a handoff started the clock: acceptance by its receiver, then their first outreach.
HANDOFF = "handoff"

#: What meets a contact clock by a person's hand. An automatic message is never among it (row SL-05).
HUMAN_CONTACT = CONVERSATIONS | {LeadEvent.PERSONAL_MESSAGE}

MET_BY = {
    ClockKind.ACKNOWLEDGEMENT: HUMAN_CONTACT | {LeadEvent.AUTOMATIC_MESSAGE},
    ClockKind.FIRST_CONTACT: HUMAN_CONTACT,
    ClockKind.ROUTING: frozenset({LeadEvent.ROUTING_DECIDED}),
    ClockKind.FOLLOW_UP: HUMAN_CONTACT | {LeadEvent.ATTEMPT_LOGGED},
    ClockKind.ATTEMPT: HUMAN_CONTACT | {LeadEvent.ATTEMPT_LOGGED},
}
#: Clocks of work that a person may be asked to do later; what nobody has, or an exception, never stands still.
PAUSABLE = (ClockKind.FIRST_CONTACT, ClockKind.ATTEMPT, ClockKind.FOLLOW_UP)
#: Clocks that no person keeps by reaching out; lists are not ordered by them.
OF_NO_PERSON = (ClockKind.ACKNOWLEDGEMENT, ClockKind.INTAKE, ClockKind.ROUTING)
#: Clocks that warn, and never take a lead away: no person was slow, or outreach has begun.
ALERTS_ONLY = (ClockKind.ACKNOWLEDGEMENT, ClockKind.ROUTING, ClockKind.INTAKE, ClockKind.ATTEMPT)


class ClockMode(StrEnum):
    """A clock that always runs, or one that stands still while the place is closed."""

    ALWAYS = "always"
    BUSINESS = "business"


class StartsAt(StrEnum):
    """The event that starts a clock."""

    CAPTURED = "captured"
    OWNED = "owned"


class Step(StrEnum):
    """What a rung of the escalation ladder does."""

    ALERT = "alert"
    REASSIGN = "reassign"


#: Whom a rung may name; any team by its key besides.
PEOPLE = frozenset({"owner", "team_lead", "available_member"})


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit of a policy: in seconds, or by the end of an open day (0 is the same business day)."""

    kind: ClockKind
    mode: ClockMode
    starts: StartsAt
    limit_seconds: int = 0
    limit_open_days: int | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the escalation ladder, so many seconds after the deadline."""

    after_seconds: int
    do: str
    who: str


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often somebody who was not reached is tried: so many times within so many days of the clock."""

    times: int
    days: int
    mode: ClockMode


@dataclass(frozen=True, slots=True)
class PauseReason:
    """For what the clocks may stand still, and for how long at most."""

    key: str
    name: str
    longest_seconds: int


@dataclass(frozen=True, slots=True)
class Tracker:
    """Who tracks the timing of a service level: a colleague by e-mail, or the lead of a team by its key; report at."""

    who: str
    at: time


@dataclass(frozen=True, slots=True)
class Policy:
    """A service level: for which leads, which clocks, when to warn, and who is told when it is missed."""

    id: str
    name: str
    meaning: str
    clocks: tuple[Clock, ...]
    at_risk_percent: int
    outer_seconds: tuple[int, ...]
    ladder: tuple[Rung, ...]
    attempts: Attempts | None = None
    pauses: tuple[PauseReason, ...] = ()
    tracker: Tracker | None = None


@dataclass(frozen=True, slots=True)
class PolicyPick:
    """The policy that applies, and why it and no other."""

    policy: Policy | None
    reason: str


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A dated escalation; its number is the same for the same deadline, so that it runs once."""

    at: datetime
    do: str
    who: str
    number: int


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock of one lead: when it started, when it turns to at risk, when it is due, who is told then.

    `number` of `total` counts the attempts at somebody; both are 0 for every other clock.
    """

    kind: str
    clock: str
    started_at: datetime
    at_risk_at: datetime
    due_at: datetime
    limit_seconds: int
    ladder: tuple[LadderStep, ...] = ()
    number: int = 0
    total: int = 0


class Light(StrEnum):
    """The state of a timer as people see it."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met_late"
