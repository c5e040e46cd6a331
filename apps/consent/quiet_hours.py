"""Quiet hours and best times, on the wall clock of the person.

47 CFR 64.1200(c)(1): no telephone solicitation before 08:00 or after 21:00 at the called person's location.
We keep this for every call and text; a tenant may choose longer quiet hours. The wall clock decides at each
instant, so an hour that the clock repeats in autumn is judged twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from apps.policies.decisions.documents import as_document, as_text, as_texts

DEFAULT_FROM = time(21)
DEFAULT_UNTIL = time(8)
QUIET_CHANNELS = ("call", "text")
_DAYS_AHEAD = 3
_NAMED = {
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(17)),
    "noon": (time(12), time(14)),
    "evening": (time(17), time(21)),
}
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|–|to|until)\s*{_CLOCK}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of each day, closed at its start and open at its end; it may run past midnight."""

    start: time
    end: time

    def holds(self, wall: time) -> bool:
        """Whether a wall time lies inside. Equal ends make an empty window."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


def quiet_window(document: object) -> Window:
    """Return the quiet hours of a contact document; 21:00 to 08:00 where it says nothing readable."""
    quiet = as_document(as_document(document).get("quiet_hours"))
    start, end = read_clock(quiet.get("from")), read_clock(quiet.get("until"))
    if start is None or end is None or start == end:
        return Window(DEFAULT_FROM, DEFAULT_UNTIL)
    return Window(start, end)


def is_shorter_than_law(document: object) -> bool:
    """Whether the quiet hours leave out a part of 21:00 to 08:00."""
    quiet = quiet_window(document)
    return not (quiet.start > quiet.end >= DEFAULT_UNTIL and quiet.start <= DEFAULT_FROM)


def quiet_channels(document: object) -> tuple[str, ...]:
    """Return the channels that quiet hours silence: calls and texts, unless the document names others."""
    quiet = as_document(as_document(document).get("quiet_hours"))
    return as_texts(quiet.get("channels")) or QUIET_CHANNELS


def is_quiet(local: datetime, document: object) -> bool:
    """Whether an instant, given in the person's own zone, falls into quiet hours."""
    return quiet_window(document).holds(local.time())


def next_allowed(local: datetime, document: object, best_time: str = "") -> datetime:
    """Return the first instant (UTC) from `local` on that is outside quiet hours and inside the best time.

    `local` carries the person's zone. A best time that cannot be read, or that lies wholly in quiet hours, is
    left aside: quiet hours beat a wish.
    """
    quiet = quiet_window(document)
    wish = read_best_time(best_time)
    for best in (wish, None) if wish else (None,):
        for at in _candidates(local, quiet.end, best.start if best else quiet.end):
            wall = at.astimezone(local.tzinfo).time()
            if not quiet.holds(wall) and (best is None or best.holds(wall)):
                return at
    raise ValueError("quiet hours leave no instant open")


def next_change(local: datetime, document: object) -> datetime:
    """Return the first instant (UTC) after `local` at which quiet hours begin or end.

    `local` carries the person's zone.
    """
    quiet = quiet_window(document)
    is_now = quiet.holds(local.time())
    for at in _candidates(local, quiet.start, quiet.end):
        if quiet.holds(at.astimezone(local.tzinfo).time()) is not is_now:
            return at
    raise ValueError("quiet hours neither begin nor end")


def read_best_time(best_time: str) -> Window | None:
    """Return the window behind "12-14", "9 am to 11 am", "mornings" and the like; None when not readable."""
    text = best_time.strip().casefold()
    found = _SPAN.search(text)
    if found is None:
        return next((Window(*span) for name, span in _NAMED.items() if name in text), None)
    hour, minute, half, to_hour, to_minute, to_half = found.groups()
    end = _wall(to_hour, to_minute, to_half)
    start = _wall(hour, minute, half or to_half)
    if start and end and start >= end and not half:
        start = _wall(hour, minute, None)
    return Window(start, end) if start and end and start < end else None


def read_clock(value: object) -> time | None:
    """Return a wall time written as "21:00"; None when it is not one."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", as_text(value))
    return _wall(found[1], found[2], None) if found else None


def _wall(hour: str, minute: str | None, half: str | None) -> time | None:
    hours, minutes = int(hour), int(minute or 0)
    if half and not 1 <= hours <= 12:
        return None
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    return time(hours, minutes) if hours < 24 and minutes < 60 else None


def _candidates(local: datetime, *starts: time) -> Iterator[datetime]:
    """The instant itself, then the instants at which an allowed stretch can begin, in order."""
    now = local.astimezone(UTC)
    later = {
        datetime.combine(local.date() + timedelta(days=ahead), start, local.tzinfo).replace(fold=fold).astimezone(UTC)
        for ahead in range(_DAYS_AHEAD)
        for start in starts
        for fold in (0, 1)
    }
    yield now
    yield from sorted(at for at in later if at > now)
