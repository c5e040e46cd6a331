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


#: Reasons for which nobody may wait.
URGENT = frozenset({Handover.EMERGENCY, Handover.CRISIS})


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
