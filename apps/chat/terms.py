"""Words of the chat: who speaks, how a conversation stands, why a person is asked for, and what the machine says."""

from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    """Who said a line."""

    VISITOR = "visitor"
    BOT = "bot"
    STAFF = "staff"


class ChatState(StrEnum):
    """How a conversation stands. Missed: an address was left and nobody accepted in time, so it is an inquiry."""

    OPEN = "open"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    MISSED = "missed"
    ABANDONED = "abandoned"
    ENDED = "ended"


class Handover(StrEnum):
    """Why the machine stops and a person goes on."""

    EMERGENCY = "emergency"
    CRISIS = "crisis"
    CLINICAL = "clinical"
    ASKED = "asked"
    NO_ANSWER = "no_answer"


#: Why a person is asked for, to the people who answer.
REASON_WORDS = {
    Handover.EMERGENCY: "Words of an emergency: 911 was shown",
    Handover.CRISIS: "Words of a crisis: 988 was shown",
    Handover.CLINICAL: "Asks about their health",
    Handover.ASKED: "Asks for a person",
    Handover.NO_ANSWER: "Twice without an answer",
}
#: Reasons for which nobody may wait.
URGENT = frozenset({Handover.EMERGENCY, Handover.CRISIS})


class Language(StrEnum):
    """The languages that the machine speaks."""

    ENGLISH = "en"
    SPANISH = "es"


class Fixed(StrEnum):
    """What the machine says where no rule of the tenant speaks."""

    GREETING = "greeting"
    CLINICAL = "clinical"
    ASKED = "asked"
    UNSURE = "unsure"
    NO_ANSWER = "no_answer"


class TaskState(StrEnum):
    """How the task of answering a conversation stands. Done: a person accepted; cancelled: the wait ended otherwise."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class BotReply:
    """What the machine says: an answer with its rule, that it does not know, or that a person goes on and why."""

    text: str
    rule_id: str = ""
    handover: Handover | None = None
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """One line as it is shown."""

    by: Speaker
    text: str
    name: str = ""
    at_label: str = ""
