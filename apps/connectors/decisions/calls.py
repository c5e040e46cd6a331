"""Telephone calls and texts as every telephone system tells of them: who rang which number, when, and how it ended."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from apps.capture.call_times import CONNECTED, DURATION, ENDED, NOT_TOLD, OUTCOME, STARTED
from apps.connectors.decisions.bodies import as_words
from apps.consent.terms import IMPLIED_BY_CONTACT

CALLER, WITHHELD_CALLER, DIALLED = "caller", "caller_number", "number_dialled"
#: Where the values of a call belong; what has no line here becomes an answer.
CALL_MAPPING: Mapping[str, str] = {CALLER: "person.phone", DIALLED: "attribution.tracking_number"}
QUESTIONS: Mapping[str, str] = {
    STARTED: "Call started",
    CONNECTED: "Call connected",
    ENDED: "Call ended",
    DURATION: "Call duration in seconds",
    OUTCOME: "Call outcome",
    "call_recording": "Recording",
    "caller_id_name": "Name shown by the telephone network",
    WITHHELD_CALLER: "Caller",
}
_NUMBER, _SHORT_CODE = re.compile(r"\+?[0-9() .-]{7,24}", re.ASCII), re.compile(r"[0-9]{3,6}", re.ASCII)
#: "ANONYMOUS" typed on a telephone's keys: a filler, nobody's number.
_FILLERS = frozenset({"+266696687", "266696687"})


class CallOutcome(StrEnum):
    """How a call ended."""

    RINGING = "in progress"
    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of one call; lengths are seconds.

    `duration_seconds` is the whole length as the system counts it, `ring_seconds` its ringing, `talk_seconds` what is
    counted from the answer on. Connection is told by the ringing, or by the talk before a known end.
    """

    caller: str
    dialled: str
    outcome: CallOutcome
    started_at: datetime | None = None
    duration_seconds: int | None = None
    ring_seconds: int | None = None
    talk_seconds: int | None = None
    ended_at: datetime | None = None
    recording: str = ""
    caller_name: str = ""


def call_values(call: Call) -> dict[str, list[str]]:
    """Return the call's values by name. A caller who withheld the number has none, and is never taken for another."""
    known = caller_of(call.caller)
    ended, connected = _ended_at(call), _connected_at(call)
    not_told = NOT_TOLD if call.outcome is CallOutcome.ANSWERED and ended is not None else ""
    found = {
        CALLER: known,
        WITHHELD_CALLER: "" if known else call.caller.strip() or "withheld",
        DIALLED: call.dialled,
        "caller_id_name": call.caller_name,
        STARTED: _spoken(call.started_at),
        CONNECTED: _spoken(connected) or not_told,
        ENDED: _spoken(ended),
        DURATION: "" if call.duration_seconds is None else str(call.duration_seconds),
        OUTCOME: str(call.outcome),
        "call_recording": call.recording,
    }
    return {name: [text] for name, text in found.items() if text.strip()}


def began_at(call: Call) -> datetime | None:
    """Return the start event of the channel: when the call was connected, else, or where nobody tells, its start."""
    return _connected_at(call) or call.started_at


def _ended_at(call: Call) -> datetime | None:
    if call.outcome is CallOutcome.RINGING or call.ended_at is not None:
        return call.ended_at
    if call.started_at is None or call.duration_seconds is None:
        return None
    return call.started_at + timedelta(seconds=call.duration_seconds)


def _connected_at(call: Call) -> datetime | None:
    """Return when somebody answered; None where nobody did, or the system does not tell."""
    if call.outcome is not CallOutcome.ANSWERED:
        return None
    if call.started_at is not None and call.ring_seconds is not None:
        return call.started_at + timedelta(seconds=call.ring_seconds)
    ended = _ended_at(call)
    if ended is None or call.talk_seconds is None:
        return None
    return ended - timedelta(seconds=call.talk_seconds)


def caller_of(text: str) -> str:
    """Return the caller's number, or nothing for words such as "anonymous", fillers, SIP names and short codes."""
    text = text.strip()
    return text if _NUMBER.fullmatch(text) and text not in _FILLERS else ""


def is_short_code(text: str) -> bool:
    """Say whether a text came from a short code, behind which is a machine."""
    return bool(_SHORT_CODE.fullmatch(text.strip()))


def implied_consent(channel: str, caller: str, at: datetime | None, reference: str) -> list[dict[str, Any]]:
    """Return that who called or texted may be answered in kind. Nothing was worded, so it opens no other channel."""
    if not caller_of(caller):
        return []
    claim = {
        "channel": channel,
        "state": "granted",
        "evidence_kind": IMPLIED_BY_CONTACT,
        "evidence_ref": reference[:500],
    }
    return [claim | ({"captured_at": at.isoformat()} if at else {})]


def whole_seconds(value: Any) -> int | None:
    """Return a length in seconds, whether it came as a number or as text; a day at most."""
    text = as_words(value).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        return None
    return min(int(text), 86_400)


def is_true(value: Any) -> bool:
    """Read a flag that some accounts send as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() in ("true", "yes", "1"))


def _spoken(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
