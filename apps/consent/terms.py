"""Words of consent: channels, what a person said about them, and whether we may contact now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.catalog.terms import ContactChannel

#: The ways to contact a person; queues name them too.
Channel = ContactChannel


class Purpose(StrEnum):
    """What a permission is given for, as published rules tell apart: an answer to an inquiry is no marketing.

    Business is a mail to somebody at their place of work: it needs a reason on record, and no permission (row CN-17).
    """

    CARE_INQUIRY = "care_inquiry"
    REMINDERS = "reminders"
    MARKETING = "marketing"
    BUSINESS = "business"


#: The purpose of an opt-out that covers everything; a grant always names its one purpose.
EVERY_PURPOSE = "all"

#: Sources that only repeat an older permission; such a grant never reopens what was withdrawn.
COPIES = frozenset({"merge", "split", "transfer", "import", "redelivery"})

#: Evidence of a permission that nobody worded: it follows from the person's own call or text. It never
#: reopens what was refused.
IMPLIED_BY_CONTACT = "own_contact"

#: Evidence of a permission that a colleague heard and typed in. Like an implied one it opens nothing that was
#: refused: for that the maintaining team records proof.
SPOKEN = "spoken"
NEVER_REOPENS = frozenset({IMPLIED_BY_CONTACT, SPOKEN})


class ConsentValue(StrEnum):
    """What is on record for a channel."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


#: Values of a line that stop contact.
STOPS = frozenset({ConsentValue.DENIED, ConsentValue.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class EventFact:
    """One line of the consent ledger. An empty contact value covers the whole person.

    `leads` are the inquiries to which a permission is limited, each with the instant at which it ended (None: open);
    None where it is not limited, and while the inquiry that brought it has no lead yet (row CN-11).
    """

    channel: str
    purpose: str
    value: str
    contact_value: str
    recorded_at: datetime
    captured_at: datetime
    source: str = ""
    reason: str = ""
    wording_version: str = ""
    expires_at: datetime | None = None
    leads: tuple[tuple[UUID, datetime | None], ...] | None = None


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What holds for a channel and purpose, since when, and by which line of the ledger."""

    value: ConsentValue
    since: datetime | None = None
    source: str = ""
    reason: str = ""
    wording_version: str = ""
    expires_at: datetime | None = None


class ZoneBy(StrEnum):
    """By what somebody's time zone is known."""

    ZIP = "zip"
    STATE = "state"
    NUMBER = "number"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody may be: every zone whose clock counts, and the states (two letters) whose hours bind."""

    zones: tuple[str, ...]
    states: tuple[str, ...] = ()
    by: ZoneBy = ZoneBy.ZIP


class ContactCode(StrEnum):
    """Why a person may or may not be contacted on a channel now."""

    OK = "ok"
    DO_NOT_CONTACT = "do_not_contact"
    WITHDRAWN = "withdrawn"
    DENIED = "denied"
    CONSENT_UNKNOWN = "consent_unknown"
    NO_VALID_POINT = "no_valid_point"
    ZONE_UNKNOWN = "zone_unknown"
    QUIET_HOURS = "quiet_hours"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    ATTEMPT_LIVE = "attempt_live"
    NOT_IN_STAGE = "not_in_stage"


@dataclass(frozen=True, slots=True)
class ContactVerdict:
    """Whether a channel may be used now; `opens_at` (UTC) when waiting is enough."""

    allowed: bool
    code: ContactCode
    sentence: str
    opens_at: datetime | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class InStage:
    """The stage that a lead is in, by its key and its name."""

    key: str
    label: str


#: The channels as sentences name them.
CHANNEL_WORDS = {Channel.CALL: "calls", Channel.TEXT: "texts", Channel.EMAIL: "e-mails"}


class RecordCode(StrEnum):
    """Why a line of the consent ledger may or may not be written."""

    OK = "ok"
    NOT_MAINTAINER = "not_maintainer"
    EVIDENCE_MISSING = "evidence_missing"


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """Whether a line of the consent ledger may be written."""

    allowed: bool
    code: RecordCode
    sentence: str


@dataclass(frozen=True, slots=True)
class ConsentTile:
    """A channel as the lead page shows it: yes, later or no, by word and shape, with the reason."""

    channel: str
    word: str
    shape: str
    sentence: str


class OptOutKind(StrEnum):
    """A keyword revokes; wording revokes and is looked at by a person; what is unclear is only looked at."""

    KEYWORD = "keyword"
    WORDING = "wording"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class OptOut:
    """An opt-out found in a reply, with the words that say so."""

    kind: OptOutKind
    words: str
