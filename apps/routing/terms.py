"""Words of routing: layers, the network of offices and queues, the verdict with its path, turns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

LAYERS: Mapping[str, str] = {
    "consent_safety": "Consent and safety",
    "exception": "Exception",
    "urgency": "Urgency",
    "service": "Service",
    "location": "Location",
    "patient_type": "Patient type",
    "distribution": "Distribution",
}
"""The layers in the order in which they are walked, important first."""

LAST_LAYER = "distribution"
#: Counted up whenever a sentence of the verdicts is worded anew.
ENGINE = 6
PRIORITIES = ("P1", "P2", "P3")
ROUTINE = "P3"


def engine_now() -> int:
    """Return the wording that verdicts are made in; a function, so that raising it migrates nothing."""
    return ENGINE


class Effect(StrEnum):
    """What a rule may do; several effects of one rule take hold in this order."""

    PRIORITY = "priority"
    WORKFLOW = "workflow"
    EXPERTISE = "expertise"
    SLOT_WITHIN = "slot_within"
    OFFICE = "office"
    QUEUE = "queue"
    QUEUE_TAG = "queue_tag"
    METHOD = "method"
    SKILL = "skill"


class OfficeMode(StrEnum):
    """How a rule picks an office; any other value is the key of one office."""

    REQUESTED_OR_NEAREST = "requested_or_nearest"
    NEAREST = "nearest"
    REQUESTED_OR_SPECIALTY = "requested_or_specialty"


class Method(StrEnum):
    """How the chosen queue gives the lead out."""

    ROUND_ROBIN = "round_robin"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Office:
    """An office as routing sees it: where it is, what it offers and is known for, whether it takes leads.

    While it takes none, `unavailable_because` says why, and `fallback_key` names the office that takes its leads.
    `lacks` says what a rule asks for that it does not have: a provider with a skill, a slot soon enough.
    """

    key: str
    name: str
    latitude: float
    longitude: float
    services: frozenset[str]
    is_available: bool
    specialties: frozenset[str] = frozenset()
    unavailable_because: str = ""
    fallback_key: str | None = None
    lacks: str = ""

    @property
    def place(self) -> Place:
        """Where the office stands."""
        return Place(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class QueueFact:
    """A queue as routing sees it at one instant; `opens_at` is the next opening of a closed queue.

    With `capacity` open leads it is full, and `overflow_key` names the queue that takes what comes next. Routine leads
    wait until `batch_at`. A queue that names `channels` works by these alone.
    """

    key: str
    name: str
    team_key: str
    location_key: str | None
    tag: str
    method: str
    is_active: bool
    is_open: bool
    opens_at: datetime | None
    after_hours_key: str | None
    max_wait_seconds: int
    open_leads: int = 0
    capacity: int | None = None
    overflow_key: str | None = None
    batch_at: datetime | None = None
    channels: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether one more lead is too many."""
        return self.capacity is not None and self.open_leads >= self.capacity


@dataclass(frozen=True, slots=True)
class OpenAt:
    """Where a provider gives a service, and the first open slot there that is still ahead.

    `heard_at` is when somebody last told which slots are open; None where nobody ever did. What is stale was told so
    long ago that nobody should rely on it.
    """

    office_key: str
    service: str
    next_at: datetime | None = None
    heard_at: datetime | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class ProviderFact:
    """A provider as routing sees one at an instant: skills in small letters, and where they give what."""

    key: str
    name: str
    skills: frozenset[str]
    takes_new: bool
    places: tuple[OpenAt, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Everything a lead can be sent to, the place the lead is measured from, and the skills its service asks for.

    `providers` are those who give the service; None where a decision of earlier days did not keep them. `at` is the
    instant that their slots are measured from.
    """

    offices: tuple[Office, ...]
    queues: tuple[QueueFact, ...]
    place: Place | None = None
    skills: tuple[str, ...] = ()
    providers: tuple[ProviderFact, ...] | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PathStep:
    """One layer of the walk in words; `rule_id` is empty when no rule matched."""

    layer: str
    layer_name: str
    rule_id: str
    rule_name: str
    sentence: str
    effect: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A queue, office, rule or provider that was not chosen, and why not."""

    kind: Literal["queue", "office", "rule", "provider"]
    key: str
    name: str
    why_not: str


@dataclass(frozen=True, slots=True)
class RoutingVerdict:
    """Where a lead goes and why. `queue_key` is empty only when the network has no active queue at all.

    `day_queue_key` names the queue that takes over when it opens, if the lead lies in an after-hours queue.
    `rule_id` is the rule that set the queue; empty when the fallback did. `fallback_for` is the office that would have
    fitted best and takes no leads: `office_key` stands in for it. `skills` are what whoever gets the lead must know;
    `overflow_from` is the queue that is full and would have had it. Nobody is given the lead before `batch_at`.
    `providers` are those whom a rule's demands leave, the one with the first open slot first.
    """

    queue_key: str
    priority: str
    method: str
    office_key: str | None
    day_queue_key: str | None
    workflow: str
    rule_id: str
    rule_name: str
    is_fallback: bool
    reason: str
    path: tuple[PathStep, ...]
    alternatives: tuple[Alternative, ...]
    max_wait_seconds: int
    fallback_for: str | None = None
    skills: tuple[str, ...] = ()
    overflow_from: str | None = None
    batch_at: str | None = None
    providers: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the verdict as plain JSON, equal to what a database gives back."""
        plain = asdict(self)
        return plain | {name: list(plain[name]) for name in ("path", "alternatives", "skills", "providers")}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a queue's team as a candidate for the next lead; `last_turn` 0 means never.

    Who works in shifts is `on_shift` within them; `skills` are what the member knows.
    """

    membership_id: UUID
    is_available: bool
    last_turn: int
    open_leads: int
    capacity: int | None
    skills: frozenset[str] = frozenset()
    on_shift: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, and who was passed over and why."""

    membership_id: UUID | None
    reason: str
    skipped: tuple[tuple[UUID, str], ...]
