"""Opening hours as people write them: "mon-fri 08:00-17:00"; read and written back in one form."""

import re
from datetime import time
from functools import lru_cache
from zoneinfo import available_timezones

from apps.catalog.business_hours import OpeningSpan
from apps.catalog.hours_in_words import DAYS, spoken_hours

_DAY = "|".join(DAYS)
_LINE = re.compile(
    rf"(?P<first>{_DAY})(?:-(?P<last>{_DAY}))?\s+"
    r"(?P<opens>[01]\d:[0-5]\d|2[0-3]:[0-5]\d)-(?P<closes>[01]\d:[0-5]\d|2[0-3]:[0-5]\d|24:00)"
)


def read_hours(line: str) -> tuple[OpeningSpan, ...]:
    """Return the spans of one line; raise ValueError with a sentence when it cannot be read."""
    found = _LINE.fullmatch(line.strip().lower())
    if found is None:
        raise ValueError(f"“{line}” is not understood; write it like “mon-fri 08:00-17:00”")
    first = DAYS.index(found["first"])
    last = DAYS.index(found["last"] or found["first"])
    if last < first:
        raise ValueError(f"“{line}” runs backwards through the week; write two lines")
    opens, closes = time.fromisoformat(found["opens"]), _closing(found["closes"])
    return tuple(OpeningSpan(day, opens, closes) for day in range(first, last + 1))


def one_form(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return opening hours in the one form in which they are exported."""
    return spoken_hours(span for line in lines for span in read_hours(line))


def known_zone(name: str) -> str:
    """Return the name of a time zone; raise ValueError for one that nobody knows."""
    if name not in _zones():
        raise ValueError(f"“{name}” is no time zone; write it like America/Chicago")
    return name


@lru_cache(maxsize=1)
def _zones() -> set[str]:
    return available_timezones()


def _closing(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)
