"""Visiting hours of a provider: when, where and for what people can be seen week by week, and the starts that follow.

A tenant without a scheduling system of its own keeps them (row AP-10). Pure: no database and no clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEAST_MINUTES, MOST_MINUTES, MOST_PLACES, MOST_LINES = 5, 480, 50, 60
_DAY = timedelta(days=1)
HOW = "Write days, times, office, service, minutes and places: mon,wed 09:00-12:00 elm-st orthopedics 30 1."


@dataclass(frozen=True, slots=True)
class VisitingHours:
    """One line of them: on these days between these wall times, a slot every so many minutes for so many people."""

    days: tuple[str, ...]
    opens: time
    closes: time
    office: str
    service: str
    minutes: int = 30
    places: int = 1


def read_hours(document: Iterable[Mapping[str, Any]]) -> tuple[VisitingHours, ...]:
    """Return visiting hours as they are kept; raises ValueError with a sentence for a line that cannot be."""
    return tuple(_read(each) for each in document)


def as_kept(hours: VisitingHours) -> dict[str, Any]:
    """Return a line as it is kept."""
    return {
        "days": list(hours.days),
        "opens": f"{hours.opens:%H:%M}",
        "closes": f"{hours.closes:%H:%M}",
        "office": hours.office,
        "service": hours.service,
        "minutes": hours.minutes,
        "places": hours.places,
    }


def as_line(hours: VisitingHours) -> str:
    """Return a line as people write it: “mon,wed 09:00-12:00 elm-st orthopedics 30 1”."""
    span = f"{hours.opens:%H:%M}-{hours.closes:%H:%M}"
    return f"{','.join(hours.days)} {span} {hours.office} {hours.service} {hours.minutes} {hours.places}"


def from_line(line: str) -> VisitingHours:
    """Read a line that a person wrote; raises ValueError with a sentence."""
    parts = line.split()
    if not 4 <= len(parts) <= 6 or "-" not in parts[1]:
        raise ValueError(f"“{line}”: {HOW}")
    opens, _, closes = parts[1].partition("-")
    kept = {"days": parts[0].casefold().split(","), "opens": opens, "closes": closes, "office": parts[2]}
    numbers = {
        name: int(value) if value.isdecimal() else value
        for name, value in zip(("minutes", "places"), parts[4:], strict=False)
    }
    return _read({**kept, "service": parts[3], **numbers})


def starts_of(
    hours: VisitingHours, zone: str, *, after: datetime, before: datetime, holidays: frozenset[date] = frozenset()
) -> Iterator[datetime]:
    """Yield the starts between two instants, by the wall clock of the office; none on its holidays.

    A visit ends before the hours do. A wall time that the clock skips in spring is no start.
    """
    place, length = ZoneInfo(zone), timedelta(minutes=hours.minutes)
    day, last = after.astimezone(place).date(), before.astimezone(place).date()
    while day <= last:
        if DAYS[day.weekday()] in hours.days and day not in holidays:
            wall, ends = datetime.combine(day, hours.opens), datetime.combine(day, hours.closes)
            while wall + length <= ends:
                start = wall.replace(tzinfo=place).astimezone(UTC)
                if after < start < before and start.astimezone(place).replace(tzinfo=None) == wall:
                    yield start
                wall += length
        day += _DAY


def _read(kept: Mapping[str, Any]) -> VisitingHours:
    days = tuple(each for each in DAYS if each in kept.get("days", ()))
    unknown = [str(each) for each in kept.get("days", ()) if each not in DAYS]
    if unknown or not days:
        raise ValueError(f"There is no day “{', '.join(unknown)}”: name of {', '.join(DAYS)}.")
    found = VisitingHours(
        days,
        _time(kept.get("opens")),
        _time(kept.get("closes")),
        str(kept.get("office", "")),
        str(kept.get("service", "")),
        _number(kept.get("minutes", 30), "minutes", LEAST_MINUTES, MOST_MINUTES),
        _number(kept.get("places", 1), "places", 1, MOST_PLACES),
    )
    length = datetime.combine(date.min, found.closes) - datetime.combine(date.min, found.opens)
    if length < timedelta(minutes=found.minutes):
        raise ValueError(
            f"From {found.opens:%H:%M} to {found.closes:%H:%M} there is no room for {found.minutes} minutes."
        )
    return found


def _time(value: Any) -> time:
    try:
        return time.fromisoformat(str(value)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise ValueError(f"“{value}” is no time: write it as 09:00.") from None


def _number(value: Any, name: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name.capitalize()}: a whole number from {least} to {most}.")
    return value
