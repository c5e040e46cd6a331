"""Quiet hours and best times, on the wall clock of the person.

47 CFR 64.1200(c)(1): no telephone solicitation before 08:00 or after 21:00 at the called person's location.
We keep this for every call and text; a tenant may choose longer quiet hours, and states have hours of their own
(`state_hours`). The wall clock decides at each instant, so an hour that the clock repeats in autumn is judged twice.
Where somebody may be in several zones or states, an instant is open only where it is in all of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from apps.consent.state_hours import StateHours, hours_of
from apps.consent.terms import Whereabouts
from apps.policies.decisions.documents import as_document, as_text, as_texts

DEFAULT_FROM = time(21)
DEFAULT_UNTIL = time(8)
QUIET_CHANNELS = ("call", "text")
#: No state closes for longer: a Sunday, a holiday on the Monday, and the days around.
_DAYS_AHEAD = 6
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


def is_quiet(local: datetime, document: object, place: Whereabouts | None = None) -> bool:
    """Whether an instant falls into quiet hours at one of the places where the person may be.

    Without a place it is judged by the zone that `local` carries, and by no state's hours.
    """
    return _Clocks(local, document, place).are_quiet(local)


def closing_state(local: datetime, document: object, place: Whereabouts | None) -> str:
    """Return the two letters of a state whose hours alone close an instant; "" where none does."""
    clocks = _Clocks(local, document, place)
    if any(clocks.quiet.holds(local.astimezone(zone).time()) for zone in clocks.zones):
        return ""
    return next((row.state for row in clocks.rows if clocks.is_closed_by(row, local)), "")


def next_allowed(
    local: datetime, document: object, best_time: str = "", place: Whereabouts | None = None
) -> datetime | None:
    """Return the first instant (UTC) from `local` on that is outside quiet hours and inside the best time.

    `local` carries the zone in which the best time is meant. A best time that cannot be read, or that lies wholly in
    quiet hours, is left aside: quiet hours beat a wish. None where the places leave no common hour.
    """
    clocks = _Clocks(local, document, place)
    wish = read_best_time(best_time)
    for best in (wish, None) if wish else (None,):
        for at in clocks.turns(local, *((best.start,) if best else ())):
            if (best is None or best.holds(at.astimezone(local.tzinfo).time())) and not clocks.are_quiet(at):
                return at
    return None


def next_change(local: datetime, document: object, place: Whereabouts | None = None) -> datetime | None:
    """Return the first instant (UTC) after `local` at which quiet hours begin or end; None where they never do."""
    clocks = _Clocks(local, document, place)
    is_now = clocks.are_quiet(local)
    return next((at for at in clocks.turns(local) if clocks.are_quiet(at) is not is_now), None)


class _Clocks:
    """The wall clocks of everywhere somebody may be, and the hours that bind there."""

    def __init__(self, local: datetime, document: object, place: Whereabouts | None) -> None:
        self.quiet = quiet_window(document)
        self.zones: tuple[tzinfo | None, ...] = tuple(map(ZoneInfo, place.zones)) if place else (local.tzinfo,)
        self.rows: tuple[StateHours, ...] = hours_of(place.states, document) if place else ()

    def are_quiet(self, at: datetime) -> bool:
        """Whether an instant is closed on one of the clocks."""
        return any(self.quiet.holds(at.astimezone(zone).time()) for zone in self.zones) or any(
            self.is_closed_by(row, at) for row in self.rows
        )

    def is_closed_by(self, row: StateHours, at: datetime) -> bool:
        """Whether a state's hours close an instant on one of the clocks."""
        walls = [at.astimezone(zone) for zone in self.zones]
        return any(row.is_in_force(wall.date()) and not row.on(wall.date()).holds(wall.time()) for wall in walls)

    def turns(self, local: datetime, *more: time) -> Iterator[datetime]:
        """The instant itself, then the instants at which something may begin or end, in order."""
        now = local.astimezone(UTC)
        found = {each for zone in self.zones for each in self._turns_of(zone, now, more)}
        yield now
        yield from sorted(at for at in found if at > now)

    def _turns_of(self, zone: tzinfo | None, now: datetime, more: tuple[time, ...]) -> Iterator[datetime]:
        today = now.astimezone(zone).date()
        for day in (today + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD)):
            hours = [row.on(day) for row in self.rows]
            walls = {
                self.quiet.start,
                self.quiet.end,
                *more,
                *(end for each in hours for end in (each.start, each.end)),
            }
            if self.rows:
                walls.add(time(0))
            for wall in walls:
                for fold in (0, 1):
                    yield datetime.combine(day, wall, zone).replace(fold=fold).astimezone(UTC)


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
