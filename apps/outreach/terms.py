"""Words of outreach: kinds of contact, outcomes of a call, states of a message."""

from enum import StrEnum


class ActivityKind(StrEnum):
    """What was done."""

    CALL = "call"
    EMAIL = "email"
    TEXT = "text"
    MEETING = "meeting"
    VISIT = "visit"


class Direction(StrEnum):
    """Who started it."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Outcome(StrEnum):
    """How a contact ended (row TK-02)."""

    CONNECTED = "connected"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    CALL_BACK = "call_back"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"
    DO_NOT_CONTACT = "do_not_contact"
    SOMEONE_ELSE = "someone_else"
    SENT = "sent"
    HELD = "held"


#: Outcomes that are a meaningful human contact and so end the first-contact clock (row SL-05).
REACHED = frozenset({Outcome.CONNECTED, Outcome.CALL_BACK, Outcome.DECLINED, Outcome.DO_NOT_CONTACT, Outcome.HELD})

#: Outcomes after which nobody can say that somebody talked with the person.
ATTEMPTED = frozenset({Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.SENT})


class MessageState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
