"""Words of outreach: kinds of contact, outcomes of a call, states of a message."""

from enum import StrEnum


class ActivityKind(StrEnum):
    """What was done."""

    CALL = "call"
    EMAIL = "email"
    TEXT = "text"
    MEETING = "meeting"
    VISIT = "visit"
    CHAT = "chat"


class LoggedAs(StrEnum):
    """Whose word a contact is: a colleague's, or that of the agency that delivered the lead (row TK-08)."""

    TEAM = "team"
    AGENCY = "agency"


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
    DISCONNECTED = "disconnected"
    SENT = "sent"
    DELIVERED = "delivered"
    HELD = "held"


#: Outcomes that are a meaningful human contact and so end the first-contact clock (row SL-05).
REACHED = frozenset({Outcome.CONNECTED, Outcome.CALL_BACK, Outcome.DECLINED, Outcome.DO_NOT_CONTACT, Outcome.HELD})

#: Outcomes that end a number for its person, and why it is unusable then (rows VQ-06 and VQ-16).
NUMBER_ENDED = {Outcome.WRONG_NUMBER: "wrong number", Outcome.DISCONNECTED: "disconnected"}

#: How a contact of each kind cannot have ended (row TK-04): nobody hangs up an e-mail, and a call is not delivered.
NO_END_OF: dict[ActivityKind, frozenset[Outcome]] = {
    ActivityKind.CALL: frozenset({Outcome.SENT, Outcome.DELIVERED, Outcome.HELD}),
    ActivityKind.TEXT: frozenset({Outcome.VOICEMAIL, Outcome.BUSY, Outcome.HELD, Outcome.SOMEONE_ELSE}),
    ActivityKind.EMAIL: frozenset({Outcome.VOICEMAIL, Outcome.BUSY, Outcome.HELD, Outcome.SOMEONE_ELSE}),
    ActivityKind.MEETING: frozenset({Outcome.VOICEMAIL, Outcome.BUSY, Outcome.SENT, Outcome.DELIVERED}),
    ActivityKind.VISIT: frozenset({Outcome.VOICEMAIL, Outcome.BUSY, Outcome.SENT, Outcome.DELIVERED}),
    ActivityKind.CHAT: frozenset({Outcome.VOICEMAIL, Outcome.BUSY, Outcome.HELD, Outcome.DELIVERED}),
}

#: Outcomes after which nobody can say that somebody talked with the person.
ATTEMPTED = frozenset({Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.SENT, Outcome.DELIVERED})


#: Why a contact may not begin while another one with the same person is being made (row TK-09).
ATTEMPT_LIVE = "attempt_live"


class CallState(StrEnum):
    """Where a call stands that a telephone service connects for us."""

    DIALLING = "dialling"
    RINGING = "ringing"
    TALKING = "talking"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


CALL_ENDED = frozenset({CallState.COMPLETED, CallState.BUSY, CallState.NO_ANSWER, CallState.FAILED})


class MessageState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


#: How the reason of a message begins that its provider did not take; the provider's code follows.
REFUSED = "refused: "

#: The person was told, is about to be, or may have been: what was stopped or refused told them nothing.
TOLD = frozenset({MessageState.PENDING, MessageState.SENDING, MessageState.SENT, MessageState.UNKNOWN})

#: The purpose of the one message that may follow an opt-out (`outreach.confirmation`).
OPT_OUT_CONFIRMATION = "opt_out_confirmation"

#: The purpose of a text that follows on a contact by the tenant's rules (row TK-05).
FOLLOW_UP = "follow_up"

#: The kind of task that follows on a message which reached somebody; the next contact that is logged ends it.
AFTER_MESSAGE = "after_message"

#: Purposes of messages that only say that we have an inquiry; who was talked with since needs none.
RECEIPTS = frozenset({"acknowledgement", "receipt"})

#: The purpose of what a colleague sends by hand.
BY_HAND = "by_hand"

#: The message left us, or may have.
GONE = frozenset({MessageState.SENDING, MessageState.SENT, MessageState.UNKNOWN})


class DeliveryResult(StrEnum):
    """What became of a message at its receiver, as the sending service tells."""

    DELIVERED = "delivered"
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCE = "soft_bounce"
    BLOCKED = "blocked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    FAILED = "failed"
    TAKES_NO_TEXTS = "takes_no_texts"
    CONFIRMED = "confirmed"


class EngagementKind(StrEnum):
    """What a person did with a message or a link of ours (row SC-15)."""

    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    REPLIED = "replied"
    SCHEDULING_LINK = "scheduling_link"


#: What the person did themselves; that a message arrived is not their doing.
THEIR_DOING = frozenset(EngagementKind) - {EngagementKind.DELIVERED}

ENGAGEMENT_WORDS = {
    EngagementKind.DELIVERED: "arrived",
    EngagementKind.OPENED: "was opened",
    EngagementKind.CLICKED: "a link in it was followed",
    EngagementKind.REPLIED: "was answered",
    EngagementKind.SCHEDULING_LINK: "the scheduling link was used",
}

#: After so many passing failures in a row, with nothing delivered between, the number or address counts as invalid.
MOST_SOFT_FAILURES = 3

#: What says the last word on whether an address takes mail: it bounced, or it works.
DECIDING = frozenset({DeliveryResult.HARD_BOUNCE, DeliveryResult.DELIVERED, DeliveryResult.CONFIRMED})

#: Results after which the person receives nothing more on the channel: their word, as if they had said stop.
REFUSALS = frozenset({DeliveryResult.COMPLAINED, DeliveryResult.UNSUBSCRIBED})

DELIVERY_WORDS = {
    DeliveryResult.DELIVERED: "delivered",
    DeliveryResult.HARD_BOUNCE: "bounced for good",
    DeliveryResult.SOFT_BOUNCE: "bounced for now",
    DeliveryResult.BLOCKED: "blocked",
    DeliveryResult.COMPLAINED: "reported as spam",
    DeliveryResult.UNSUBSCRIBED: "unsubscribed",
    DeliveryResult.FAILED: "not sent",
    DeliveryResult.TAKES_NO_TEXTS: "not sent: a landline, it takes no texts",
    DeliveryResult.CONFIRMED: "verified by a colleague",
}

#: Why an address that bounced is invalid.
BOUNCED = f"email {DELIVERY_WORDS[DeliveryResult.HARD_BOUNCE]}"


class Basis(StrEnum):
    """Why a business may be written to without having asked (row CN-17)."""

    RELATION = "relation"
    ASKED = "asked"
    PUBLISHED = "published"
    REFERRED = "referred"


#: The purpose of a business mail, and the classes of leads it is for: never somebody who seeks care.
BUSINESS_MAIL = "business"
BUSINESS_CLASSES = frozenset({"business", "partnership"})


class RecordingKind(StrEnum):
    """What there is of a contact beside its line (row TK-12)."""

    RECORDING = "recording"
    TRANSCRIPT = "transcript"


class PauseReason(StrEnum):
    """Why what goes to a person by itself is paused (row TN-16)."""

    ALARM = "alarm"
    BY_HAND = "by_hand"


class RequestState(StrEnum):
    """Where a request for missing data stands; one that is open and past its time has expired."""

    OPEN = "open"
    ANSWERED = "answered"
    REPLACED = "replaced"
    SETTLED = "settled"
    LOCKED = "locked"


class LinkStanding(StrEnum):
    """What whoever opens a link finds: the questions, or why there are none (any more)."""

    LIVE = "live"
    ANSWERED = "answered"
    REPLACED = "replaced"
    SETTLED = "settled"
    LOCKED = "locked"
    EXPIRED = "expired"
