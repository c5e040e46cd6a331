"""Words of connectors: a hook as it came, whether its sender is proven, the events in it, and what we answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Proof(StrEnum):
    """Whether the sender is who the connection belongs to."""

    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"
    STALE = "stale"


class Group(StrEnum):
    """Families of providers, as the admin lists them."""

    ADS = "ads"
    CALLS = "calls"
    FORMS = "forms"
    CHAT = "chat"
    EXCHANGE = "exchange"
    EMAIL = "email"


class HookState(StrEnum):
    """What became of a hook: its events were taken in, there was nothing to take, or nobody could read it."""

    TAKEN = "taken"
    IGNORED = "ignored"
    UNMAPPED = "unmapped"
    WAITING = "waiting"


class Unreadable(ValueError):
    """The body is not in the form that the sender uses; the text says what is wrong, without its content."""


class Unmappable(ValueError):
    """The body was read, yet no inquiry can be made of it; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request at a hook's address. Header names are in lower case; `url` is the address as the sender called it."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at the sender, as flat values by the sender's own names.

    `key` is what makes it the same event when it comes again (for ever, per connection). `object_id` is the
    sender's id of the inquiry: a later event of the same object is an update, not a second inquiry. `questions`
    holds the text that the person saw for a name. `consent` holds claims in the shape of the API. An event with
    `ignored` set is kept and opens nothing; `fetch` names what has to be asked for before it can be read.
    """

    key: str
    object_id: str = ""
    kind: str = "lead"
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    consent: Sequence[Mapping[str, Any]] = ()
    submitted_at: datetime | None = None
    is_test: bool = False
    ignored: str = ""
    fetch: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """An event and the submission it became; `verdict` and `reason` are known only where the sender waits."""

    event: Event
    submission_id: UUID | None = None
    is_repeat: bool = False
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender gets back; a text is sent as it is, anything else as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict)
    content_type: str = "application/json"


Secrets = Sequence[str]
Prove = Callable[[HookRequest, Secrets, datetime], Proof]
Read = Callable[[HookRequest], Sequence[Event]]
Answer = Callable[[HookRequest, Sequence[Taken]], Reply]
Challenge = Callable[[HookRequest, Secrets], Reply | None]


def answer_plainly(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    """Answer 200 and an empty object: what most senders want."""
    return Reply()


def no_challenge(request: HookRequest, secrets: Secrets) -> Reply | None:
    """Answer no handshake: this sender makes none."""
    return None


@dataclass(frozen=True, slots=True)
class Provider:
    """A sending system: how it proves itself, what its bodies hold, what it wants to hear.

    `mapping` gives each of the sender's names its target (`decisions.mapping`); names without one become answers.
    `proof_hint` tells the tenant what proves the sender and where it is found; it is empty where the address is all.
    `prove` looks at raw bytes before anything is read. `read` raises Unreadable or Unmappable. With `waits`
    the answer carries the verdict, for which the door waits that many seconds. `sample` names the file of the
    provider's folder that the test button sends, as `body_type`.
    """

    key: str
    name: str
    group: Group
    capture_method: str
    proof_hint: str
    prove: Prove
    read: Read
    mapping: Mapping[str, str]
    answer: Answer = answer_plainly
    challenge: Challenge = no_challenge
    refused_status: int = 401
    waits_seconds: int = 0
    methods: tuple[str, ...] = ("POST",)
    body_type: str = "application/json"
    sample: str = "lead"
