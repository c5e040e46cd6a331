"""Words of cadences: planned contacts over days by several channels, and the groups of people they are for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from apps.consent.terms import Purpose
from apps.policies.decisions.conditions import CompiledTest

#: The purpose of a message that a cadence sends.
CADENCE_MESSAGE = "cadence"
#: A cadence gives way to a contact that somebody is to make within so many hours, where its rules say nothing (TN-08).
YIELDS_HOURS = 24


class Goal(StrEnum):
    """What a cadence is for."""

    SCHEDULING = "scheduling"
    EDUCATION = "education"
    REACTIVATION = "reactivation"


class Choosing(StrEnum):
    """How a step chooses among its channels and templates.

    Adapt: by what the person answered and wished (row TN-12). Plan: in the order of the step. Other: another channel
    than the last one, and no message they had before (row TN-11).
    """

    ADAPT = "adapt"
    PLAN = "plan"
    OTHER = "other"


class StepState(StrEnum):
    """Where one step of somebody's cadence stands."""

    PLANNED = "planned"
    DONE = "done"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class RunEnd(StrEnum):
    """Why somebody's cadence ended."""

    FINISHED = "finished"
    REPLIED = "replied"
    REACHED = "reached"
    INTENT = "intent"
    BOOKED = "booked"
    OPTED_OUT = "opted_out"
    CLOSED = "closed"
    LEFT_STAGE = "left_stage"
    LEFT_GROUP = "left_group"
    OWNER_CHANGED = "owner_changed"
    BY_HAND = "by_hand"
    MERGED = "merged"


#: How an end is said, of the whole cadence and of the steps that it cancels.
END_WORDS: Mapping[RunEnd, str] = {
    RunEnd.FINISHED: "all steps done",
    RunEnd.REPLIED: "they answered",
    RunEnd.REACHED: "somebody talked with them",
    RunEnd.INTENT: "they want an appointment",
    RunEnd.BOOKED: "a visit is booked",
    RunEnd.OPTED_OUT: "they opted out",
    RunEnd.CLOSED: "status closed",
    RunEnd.LEFT_STAGE: "the lead left the stage",
    RunEnd.LEFT_GROUP: "they belong to its group no more",
    RunEnd.OWNER_CHANGED: "another team owns the lead",
    RunEnd.BY_HAND: "stopped by a colleague",
    RunEnd.MERGED: "another lead of the person goes on",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: so long after the one before, by one of its channels. A call becomes a task with the title."""

    id: str
    channels: tuple[str, ...]
    after: timedelta
    templates: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Cadence:
    """A cadence as the rules name it.

    It starts by itself where a lead enters `stage` or takes the `status` by the clock, if `when` holds of it; else by
    hand and from a group. `stays_in` are stages besides its own in which it goes on.
    """

    id: str
    name: str
    goal: Goal
    steps: tuple[Step, ...]
    stage: str = ""
    status: str = ""
    stays_in: tuple[str, ...] = ()
    when: CompiledTest | None = None
    choosing: Choosing = Choosing.ADAPT
    yields_for: timedelta = timedelta(hours=YIELDS_HOURS)
    ends_with_owner: bool = False
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of leads by a condition, and for which purpose they are written to (row TN-09)."""

    id: str
    name: str
    purpose: Purpose
    when: CompiledTest
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plans:
    """A cadences document, read once."""

    cadences: tuple[Cadence, ...] = ()
    segments: tuple[Segment, ...] = ()

    def cadence(self, key: str) -> Cadence | None:
        """Return a cadence by its id."""
        return next((each for each in self.cadences if each.id == key), None)

    def segment(self, key: str) -> Segment | None:
        """Return a group by its id."""
        return next((each for each in self.segments if each.id == key), None)


class Go(StrEnum):
    """What a step that is due does."""

    RUN = "run"
    WAIT = "wait"
    SKIP = "skip"
    END = "end"


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a lead when a step of its cadence is due.

    `contact_due_at` is the earliest contact that a colleague is to make; `opens` tells of each channel whether it may
    be used (now or later today); `answered` and `ignored` count earlier messages by channel.
    """

    end: RunEnd | None = None
    paused: bool = False
    waits_for: str = ""
    contact_due_at: datetime | None = None
    opens: Mapping[str, bool] | None = None
    preferred: str = ""
    last_channel: str = ""
    answered: Mapping[str, int] | None = None
    ignored: Mapping[str, int] | None = None
    had_templates: frozenset[tuple[str, str]] = frozenset()
    ran_templates: frozenset[tuple[str, str]] = frozenset()
    sendable: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What to do with a step, by which channel and template, and why not."""

    go: Go
    sentence: str = ""
    channel: str = ""
    template: str = ""
    end: RunEnd | None = None
