"""Words of reporting: the steps of the funnel, figures of queues and people, and what each metric means."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

#: Below this many leads a share says more about chance than about work.
ENOUGH = 11
#: Cells below this are withheld from roles that read no health data: one could guess who stands behind them.
SMALL_CELL = 11


class Step(StrEnum):
    """How far an inquiry came, first to last. Who reached a later step counts in every earlier one."""

    CAPTURED = "captured"
    VALID = "valid"
    ROUTED = "routed"
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    BOOKED = "booked"
    SHOWN = "shown"
    COMPLETED = "completed"


class Segment(StrEnum):
    """By what a report can be broken down and narrowed. The owner is the owning team, never a person."""

    SOURCE = "source"
    SERVICE = "service"
    LOCATION = "location"
    OWNER = "owner"
    CAMPAIGN = "campaign"


class Origin(StrEnum):
    """By what the share of duplicates is told: the partner that delivered, the source, the campaign."""

    PARTY = "party"
    SOURCE = "source"
    CAMPAIGN = "campaign"


class Hours(StrEnum):
    """When an inquiry came, by the opening hours of the queue that holds it."""

    OPEN = "open"
    CLOSED = "closed"


STEP_WORDS = {
    Step.CAPTURED: "Captured",
    Step.VALID: "Valid",
    Step.ROUTED: "Routed",
    Step.ATTEMPTED: "Attempted",
    Step.CONTACTED: "Contacted",
    Step.QUALIFIED: "Qualified",
    Step.BOOKED: "Scheduled",
    Step.SHOWN: "Show",
    Step.COMPLETED: "Completed intake",
}
#: The steps that only leads who come to visits have.
OF_VISITS = frozenset({Step.BOOKED, Step.SHOWN, Step.COMPLETED})
HOURS_WORDS = {Hours.OPEN: "Business hours", Hours.CLOSED: "After hours"}

#: The metric dictionary (row RP-01): what the pages say under each picture.
STEP_MEANINGS = {
    Step.CAPTURED: "an inquiry came in during the period",
    Step.VALID: "it passed the validity rules",
    Step.ROUTED: "a routing decision is on record",
    Step.ATTEMPTED: "a colleague tried to reach the person",
    Step.CONTACTED: "a two-way conversation is logged",
    Step.QUALIFIED: "it entered the stage Qualified",
    Step.BOOKED: "a visit with time, place and confirmation is on record, also if it was cancelled later",
    Step.SHOWN: "the person came to a visit",
    Step.COMPLETED: "it brought the person's first completed visit, once, and they were no established patient",
}
#: The rates of the row RP-02: each step in percent of the one that a clinic compares it with.
RATES = (
    (Step.CONTACTED, Step.CAPTURED, "Contact rate"),
    (Step.BOOKED, Step.CONTACTED, "Scheduling rate"),
    (Step.SHOWN, Step.BOOKED, "Show rate"),
    (Step.COMPLETED, Step.SHOWN, "Completed new-patient intake rate"),
)
#: Why a lead stands where it does, by the kind of its reason.
DROP_WORDS = {
    "closed": "Closed: %(reason)s",
    "exception": "Exception: %(reason)s",
    "held": "Held: %(reason)s",
    "visit": "Visit: %(reason)s",
    "": "Still in work",
}
DROP_MEANING = (
    "Why leads stand at a step and did not reach the next: how they were closed, else the exception or hold they "
    "carry, else how their last visit was lost, else they are still in work."
)
FUNNEL_MEANING = "Leads captured in the period, test leads excluded; a lead at a later step counts in all before it."
SPEED_MEANING = (
    "Time from capture to the first logged two-way conversation, in calendar time, for valid leads captured in the "
    "period; test leads excluded. p50 and p90 are nearest ranks over the leads reached so far."
)
LINES_MEANING = (
    "Calls that came in on a number of an advertisement during the period, test leads excluded; each call once, "
    "however often its provider tells of it. Matched: the lead asks for a service of the number's campaign; "
    "mismatched: for another; not known: no service is on record, or the number has no campaign with services. "
    "Scheduled: calls whose lead has a visit on record, also if it was cancelled later."
)
CREDITS_MEANING = (
    "Leads captured in the period by an ownership policy in two stages, test leads excluded. Delivered: leads that the "
    "team brought. Booked: leads whose outcome the team answers for and that have a visit on record, also if it was "
    "cancelled later. Two teams may be credited for one lead; the sum counts it once."
)
TARGET_MEANING = (
    "Within target: first-contact clocks met by their own due time, out of all that were met or have run out. "
    "Clocks that still run, are paused or were cancelled are not counted."
)
PROMISE_MEANING = (
    "Mismatch: leads of a campaign that ask for a service it does not promise, out of its leads that name a service. "
    "Leads captured in the period, test leads excluded; leads that name no service are counted apart. A campaign "
    "that promises no service is not judged."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """So many leads of a campaign ask for one service; without a service they name none."""

    service: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What a campaign promises, and what its leads ask for. `services` are promised, by key with their names."""

    campaign: str
    scope: str
    services: dict[str, str]
    eligibility: str
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How many leads of a campaign ask for something else than it promises; None where nothing can be judged."""

    promise: Promise
    leads: int
    named: int
    elsewhere: int
    percent: int | None
    others: tuple[Wish, ...]

    @property
    def is_enough(self) -> bool:
        """False below the number from which shares are shown."""
        return self.named >= ENOUGH


ORIGIN_WORDS = {Origin.PARTY: "Partner", Origin.SOURCE: "Source", Origin.CAMPAIGN: "Campaign"}
DUPLICATES_MEANING = (
    "Of all inquiries that came in during the period and belong to a lead, those judged a duplicate when they came: "
    "the person had an open inquiry inside the window of the duplicate rules. An update of an inquiry and one sent "
    "again after closure are counted beside them and are no duplicates. Test leads are excluded."
)


@dataclass(frozen=True, slots=True)
class ArrivalTally:
    """So many arrivals of one origin with one verdict; `names` is the origin of each kind."""

    names: Mapping[Origin, str]
    verdict: str
    count: int


@dataclass(frozen=True, slots=True)
class DuplicateShare:
    """The arrivals of one origin: how many, how many were duplicates, and that in percent."""

    name: str
    n: int
    duplicates: int
    updates: int
    resubmits: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """So many leads of a segment came as far as `furthest` and no further, for the reason `drop` ("closed:spam")."""

    segment: str
    furthest: Step
    count: int
    drop: str = ""


@dataclass(frozen=True, slots=True)
class LineTally:
    """The calls on one number: all, for its service, for another, for none that is known, and those scheduled."""

    number: str
    label: str
    campaign: str
    calls: int
    matched: int
    mismatched: int
    scheduled: int

    @property
    def unknown(self) -> int:
        """Calls of which nobody can say whether they came on the right line."""
        return self.calls - self.matched - self.mismatched


@dataclass(frozen=True, slots=True)
class Rate:
    """A named share of one step in another; None where the base is too small."""

    name: str
    part: Step
    base: Step
    count: int
    n: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class Drop:
    """So many leads stopped at a step for one reason."""

    step: Step
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many leads reached a step, in percent of all and of the step before of ENOUGH; None without a base."""

    step: Step
    count: int
    of_all: int | None
    of_previous: int | None


@dataclass(frozen=True, slots=True)
class SegmentFunnel:
    """The funnel of one segment. Too small a one shows its size only."""

    segment: str
    n: int
    steps: tuple[StepCount, ...]

    @property
    def is_enough(self) -> bool:
        """False below the number from which shares are shown."""
        return self.n >= ENOUGH


@dataclass(frozen=True, slots=True)
class ClockTally:
    """First-contact clocks of one limit: met in time, missed, and all there were."""

    limit_seconds: int
    within: int
    missed: int
    count: int


@dataclass(frozen=True, slots=True)
class SpeedFacts:
    """What the speed of first contact is computed from: seconds per reached lead, and the clocks' ends.

    `leads` are the valid ones; facts of business hours and after hours add up to those of all.
    """

    leads: int
    human_seconds: tuple[float, ...]
    acknowledgement_seconds: tuple[float, ...]
    clocks: tuple[ClockTally, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """So many leads were reached within so many seconds; `percent` is of those reached."""

    seconds: int
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Speed to first human contact; percentiles are None without data, as is the share within target."""

    leads: int
    reached: int
    p50: float | None
    p90: float | None
    ack_count: int
    ack_p50: float | None
    ack_p90: float | None
    target_seconds: int | None
    judged: int
    within_percent: int | None
    points: tuple[CurvePoint, ...]

    @property
    def is_enough(self) -> bool:
        """False below the number from which a curve is drawn."""
        return self.reached >= ENOUGH


@dataclass(frozen=True, slots=True)
class Credit:
    """What one team is credited for: leads it delivered, leads it answers for, and those of these with a visit."""

    team: str
    delivered: int
    answers: int
    booked: int


@dataclass(frozen=True, slots=True)
class Credits:
    """The credits of all teams, and of how many leads these are; each lead once."""

    teams: tuple[Credit, ...]
    leads: int
    booked: int


@dataclass(frozen=True, slots=True)
class CadenceTally:
    """What came of a cadence, or of one of its steps (`step` names it): leads, messages, and what people did."""

    cadence: str
    step: str
    leads: int
    sent: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    opted_out: int
    booked: int
