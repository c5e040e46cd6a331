"""Words of connectors: a hook as it came, whether its sender is proven, the events in it, and what we answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from apps.capture.document_rules import Attached


class Proof(StrEnum):
    """Whether the sender is who the connection belongs to."""

    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"
    STALE = "stale"
    SPENT = "spent"


class Group(StrEnum):
    """Families of providers, as the admin lists them."""

    ADS = "ads"
    CALLS = "calls"
    FORMS = "forms"
    CHAT = "chat"
    MAIL = "mail"
    EXCHANGE = "exchange"
    BOOKING = "booking"


class HookState(StrEnum):
    """What became of a hook: its events were taken in, there was nothing to take, or nobody could read it.

    One that is held came while its vendor's agreement was not in order; it is read when that is.
    """

    TAKEN = "taken"
    HELD = "held"
    IGNORED = "ignored"
    UNMAPPED = "unmapped"
    WAITING = "waiting"


class SecretPurpose(StrEnum):
    """What a secret opens: it proves the sender, answers the sender's check of the address, or opens its API to us."""

    PROOF = "proof"
    VERIFY = "verify"
    API = "api"


class NoticeKind(StrEnum):
    """What an event that is no inquiry tells of somebody we may know."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    DELIVERY = "delivery"
    ENGAGEMENT = "engagement"
    MAIL = "mail"
    TEXT = "text"
    CALL = "call"
    BOOKING = "booking"


class BookingAct(StrEnum):
    """What became of a booking at a booking page. Moved: its new time comes as a booking that names this one."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Unreadable(ValueError):
    """The body is not in the form that the sender uses; the text says what is wrong, without its content."""


class Unmappable(ValueError):
    """The body was read, yet no inquiry can be made of it; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request at a hook's address. Header names are in lower case; `url` is the address as the sender called it.

    `part` is the last word of the address, for senders that do not name the event in the body; `settings` are the
    connection's.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes
    part: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booking:
    """Word of a booking: the page's key of it, what became of it, when and how long, what for, where and with whom.

    `service` and `office` are our keys, "" where the connection's settings name none. A booking that takes the place
    of another names that one (`old_ref`). `because` says who ended it and why.
    """

    ref: str
    act: BookingAct
    starts_at: datetime | None = None
    minutes: int = 30
    service: str = ""
    office: str = ""
    provider: str = ""
    old_ref: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Word about a number or an address, as the sender wrote it, that by itself opens no inquiry.

    `channel` is call, text or email; `words` are what the person said. A delivery has its `result`
    (`apps.outreach.terms.DeliveryResult`), why (`words`) and the sending service's id of the message among
    `references`. A mail has the ids of the messages that it answers, and the words behind the plus sign of the
    addresses it went to: one may be a campaign's key. A text names no message: it has the `line` it went to.
    A call that we asked for has its state (`result`), its seconds (`words`), and among `references` our id of it and
    which leg it is. An opt-out `is_answered` where the provider has confirmed it to the person itself.
    """

    kind: NoticeKind
    channel: str
    contact: str
    words: str = ""
    result: str = ""
    references: tuple[str, ...] = ()
    plus_words: tuple[str, ...] = ()
    line: str = ""
    is_answered: bool = False
    booking: Booking | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at the sender, as flat values by the sender's own names.

    `key` is what makes it the same event when it comes again (for ever, per connection). `object_id` is the
    sender's id of the inquiry: a later event of the same object is an update, not a second inquiry. `questions`
    holds the text that the person saw for a name. `consent` holds claims in the shape of the API. An event with
    `ignored` set is kept and opens nothing; `fetch` names what has to be asked for before it can be read.
    `hints` are targets that the sender's own field types give away. `evidence` is what the sender tells about the
    moment of consent (text, ip, user_agent, page_url, evidence_ref). An empty `key` means that the sender numbers
    nothing: then the same values on the same day (UTC) are the same event. `capture_method` is set where it is not
    the provider's. A `notice` is acted on by the worker. With `opens_only` the event says nothing of an object
    that is known already. A ping asks whether we would take a lead, and is answered without being kept. `files` are
    what a mail had attached, not yet judged.
    """

    key: str
    object_id: str = ""
    kind: str = "lead"
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    consent: Sequence[Mapping[str, Any]] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    submitted_at: datetime | None = None
    is_test: bool = False
    ignored: str = ""
    fetch: str = ""
    capture_method: str = ""
    notice: Notice | None = None
    opens_only: bool = False
    is_ping: bool = False
    files: Sequence[Attached] = ()


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


def no_setting_problems(settings: Mapping[str, Any]) -> Sequence[str]:
    """Find nothing wrong: this sender has no settings of its own."""
    return ()


def no_single_use(request: HookRequest) -> str:
    """Name nothing that may be used once only: this sender's proof covers what it proves."""
    return ""


FetchPath = Callable[[str, Mapping[str, Any]], str]
Fetched = Callable[[Mapping[str, Any]], Event]


@dataclass(frozen=True, slots=True)
class Provider:
    """A sending system: how it proves itself, what its bodies hold, what it wants to hear.

    `mapping` gives each of the sender's names its target (`decisions.mapping`); names without one become answers.
    `guesses` is for senders whose names the tenant chooses: usual names get their target (`decisions.synonyms`).
    `proof_hint` tells the tenant what proves the sender and where it is found; it is empty where the address is all.
    `prove` looks at raw bytes before anything is read. `read` raises Unreadable or Unmappable. With `waits`
    the answer carries the verdict, for which the door waits that many seconds. `sample` names the file of the
    provider's folder that the test button sends, as `body_type`. `purposes` names the secrets by what they open,
    where there is more than the proof. Where notices hold ids only, `fetch_path` gives what to ask the sender for (from
    the id and the connection's settings) and `fetched` reads the answer, raising Unmappable. `setting_problems` gives
    a sentence for each of the connection's settings that this sender cannot use. `single_use` names what a request
    signed where that is not its body: it proves one body only.
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
    guesses: bool = False
    purposes: Mapping[SecretPurpose, str] = field(default_factory=dict)
    fetch_path: FetchPath | None = None
    fetched: Fetched | None = None
    setting_problems: Callable[[Mapping[str, Any]], Sequence[str]] = no_setting_problems
    single_use: Callable[[HookRequest], str] = no_single_use
