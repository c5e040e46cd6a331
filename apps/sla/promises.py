"""What a service level promises beside its clocks: attempts, reasons to pause, who tracks the timing. Read and checked.

Pure: no database and no clock.
"""

import re
from datetime import time

from apps.policies.decisions.documents import Document, as_document, as_items, as_text, as_whole, unknown_keys
from apps.policies.terms import Known, Problem
from apps.sla.terms import Attempts, ClockMode, PauseReason, Tracker

MOST_ATTEMPTS, MOST_DAYS = 20, 60
LONGEST_PAUSE_SECONDS = 90 * 86_400
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_attempts(row: Document) -> Attempts | None:
    """Read how often somebody is tried within how many days; None where that is not said, or cannot be read."""
    held = as_document(row.get("attempts"))
    times, days, mode = as_whole(held.get("times")), as_whole(held.get("days")), as_text(held.get("clock"))
    if times is None or days is None or mode not in set(ClockMode):
        return None
    within = 2 <= times <= MOST_ATTEMPTS and 1 <= days <= MOST_DAYS
    return Attempts(times, days, ClockMode(mode)) if within else None


def read_pauses(row: Document) -> tuple[PauseReason, ...]:
    """Read the reasons to pause; those that cannot be read are left out."""
    found = []
    for item in map(as_document, as_items(row.get("pauses"))):
        seconds, key, name = (
            as_whole(item.get("longest_seconds")),
            as_text(item.get("reason")),
            as_text(item.get("name")),
        )
        if key and name and seconds is not None and 0 < seconds <= LONGEST_PAUSE_SECONDS:
            found.append(PauseReason(key, name, seconds))
    return tuple(found)


def read_tracker(row: Document) -> Tracker | None:
    """Read who tracks the timing, and when the report is due; None where nobody is named."""
    held = as_document(row.get("tracked_by"))
    who, at = as_text(held.get("who")), _CLOCK_TIME.fullmatch(as_text(held.get("at")))
    return Tracker(who, time(int(at[1]), int(at[2]))) if who and at else None


def check_promises(row: Document, path: str, known: Known) -> list[Problem]:
    """Name what is vague or unknown in these parts of a service level."""
    return [
        *_check_attempts(row, f"{path}/attempts"),
        *_check_pauses(row, f"{path}/pauses"),
        *_check_tracker(row, f"{path}/tracked_by", known),
    ]


def _check_attempts(row: Document, path: str) -> list[Problem]:
    if "attempts" not in row:
        return []
    problems = unknown_keys(as_document(row["attempts"]), frozenset({"times", "days", "clock"}), path)
    if read_attempts(row) is None:
        sentence = (
            f"Say how many attempts (2 to {MOST_ATTEMPTS}) within how many days (1 to {MOST_DAYS}), and on which clock:"
            " always, or business."
        )
        problems.append(Problem(path, "vague_attempts", sentence))
    return problems


def _check_pauses(row: Document, path: str) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, item in enumerate(as_items(row.get("pauses"))):
        pause, where = as_document(item), f"{path}/{place}"
        problems += unknown_keys(pause, frozenset({"reason", "name", "longest_seconds"}), where)
        key, seconds = as_text(pause.get("reason")), as_whole(pause.get("longest_seconds"))
        if not _KEY.fullmatch(key):
            sentence = "Give the reason a short key of small letters, such as asked_for_day."
            problems.append(Problem(f"{where}/reason", "vague_reason", sentence))
        elif key in seen:
            problems.append(Problem(f"{where}/reason", "duplicate_reason", f"“{key}” is listed more than once."))
        seen.add(key)
        if not as_text(pause.get("name")).strip():
            problems.append(Problem(f"{where}/name", "vague_reason", "Say the reason in words: who asked for what."))
        if seconds is None or not 0 < seconds <= LONGEST_PAUSE_SECONDS:
            sentence = "Say how long the clocks may stand still at most: up to 90 days."
            problems.append(Problem(f"{where}/longest_seconds", "vague_limit", sentence))
    return problems


def _check_tracker(row: Document, path: str, known: Known) -> list[Problem]:
    if "tracked_by" not in row:
        return []
    tracker = as_document(row["tracked_by"])
    problems = unknown_keys(tracker, frozenset({"who", "at"}), path)
    who = as_text(tracker.get("who"))
    people = known.people
    if not who or (people is not None and who not in known.teams and who.lower() not in people):
        sentence = f"“{who}” is no colleague's e-mail address and no team." if who else "Name who tracks the timing."
        problems.append(Problem(f"{path}/who", "unknown_tracker", sentence))
    if not _CLOCK_TIME.fullmatch(as_text(tracker.get("at"))):
        problems.append(Problem(f"{path}/at", "vague_time", "Say when the daily report is due, such as 08:00."))
    return problems
