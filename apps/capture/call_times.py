"""When a telephone call began, was connected and ended, as an inquiry's answers tell it (row CP-10). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.capture.terms import Answer

STARTED, CONNECTED, ENDED = "call_started_at", "call_connected_at", "call_ended_at"
DURATION, OUTCOME = "call_duration_seconds", "call_outcome"
ANSWERED = "answered"
#: What stands for the instant of connection where the telephone system tells the whole length alone.
NOT_TOLD = "not told by the telephone system"


@dataclass(frozen=True, slots=True)
class CallTimes:
    """What is told of one call; None is unknown, never a guess."""

    started_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: int | None = None
    outcome: str = ""


def call_times(answers: Sequence[Answer]) -> CallTimes | None:
    """Return the times of the call that the answers tell of; None where they tell of no end of a call."""
    told = {each.key: each.values[0] for each in answers}
    if not told.get(OUTCOME) or (ENDED not in told and DURATION not in told):
        return None
    length = told.get(DURATION, "")
    return CallTimes(
        _moment(told, STARTED),
        _moment(told, CONNECTED),
        _moment(told, ENDED),
        int(length) if length.isascii() and length.isdigit() and len(length) < 7 else None,
        told[OUTCOME],
    )


def call_line(call: CallTimes, zone: str) -> str:
    """Return the call in a sentence, with local times; of an answered call it says where connection is not known."""
    connected = "not connected" if call.outcome != ANSWERED else f"connection {NOT_TOLD}"
    parts = [
        _at("started", call.started_at, zone),
        _at("connected", call.connected_at, zone) or connected,
        _at("ended", call.ended_at, zone),
        "" if call.duration_seconds is None else f"{call.duration_seconds} s",
        call.outcome,
    ]
    return f"Call: {', '.join(filter(None, parts))}."


def _at(word: str, at: datetime | None, zone: str) -> str:
    return f"{word} {at.astimezone(ZoneInfo(zone)):%H:%M:%S}" if at else ""


def _moment(told: Mapping[str, str], name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(told.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
