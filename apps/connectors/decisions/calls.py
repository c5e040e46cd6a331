"""Telephone calls and texts as every telephone system tells of them: who rang which number, when, and how it ended."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from apps.connectors.decisions.bodies import as_words
from apps.consent.terms import IMPLIED_BY_CONTACT

CALLER, WITHHELD_CALLER, DIALLED = "caller", "caller_number", "number_dialled"
#: Where the values of a call belong; what has no line here becomes an answer.
CALL_MAPPING: Mapping[str, str] = {CALLER: "person.phone", DIALLED: "attribution.tracking_number"}
QUESTIONS: Mapping[str, str] = {
    "call_started_at": "Call started",
    "call_connected_at": "Call connected",
    "call_ended_at": "Call ended",
    "call_duration_seconds": "Call duration in seconds",
    "call_outcome": "Call outcome",
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
    """What is known of one call; lengths are seconds, of which ringing may be a part."""

    caller: str
    dialled: str
    outcome: CallOutcome
    started_at: datetime | None = None
    duration_seconds: int | None = None
    ring_seconds: int | None = None
    recording: str = ""
    caller_name: str = ""


def call_values(call: Call) -> dict[str, list[str]]:
    """Return the call's values by name. A caller who withheld the number has none, and is never taken for another."""
    known = caller_of(call.caller)
    connected = ended = None
    if call.started_at is not None and call.outcome is not CallOutcome.RINGING:
        if call.ring_seconds is not None and call.outcome is CallOutcome.ANSWERED:
            connected = call.started_at + timedelta(seconds=call.ring_seconds)
        if call.duration_seconds is not None:
            ended = call.started_at + timedelta(seconds=call.duration_seconds)
    found = {
        CALLER: known,
        WITHHELD_CALLER: "" if known else call.caller.strip() or "withheld",
        DIALLED: call.dialled,
        "caller_id_name": call.caller_name,
        "call_started_at": _spoken(call.started_at),
        "call_connected_at": _spoken(connected),
        "call_ended_at": _spoken(ended),
        "call_duration_seconds": "" if call.duration_seconds is None else str(call.duration_seconds),
        "call_outcome": str(call.outcome),
        "call_recording": call.recording,
    }
    return {name: [text] for name, text in found.items() if text.strip()}


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
