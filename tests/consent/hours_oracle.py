"""Whether somebody may be called at an instant, written from the table of the law alone; it imports nothing of ours.

Which days are public holidays is the library's to know, here as there.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import holidays

Hours = tuple[float, float] | None
#: State: hours of Monday to Friday, of Saturday, of Sunday, and whether holidays are closed. None is no contact.
TABLE: dict[str, tuple[Hours, Hours, Hours, bool]] = {
    **dict.fromkeys(("FL", "OK", "MD", "WA", "MA", "NJ"), ((8, 20), (8, 20), (8, 20), False)),
    **dict.fromkeys(("MI", "MN", "NM"), ((9, 21), (9, 21), (9, 21), False)),
    **dict.fromkeys(("CT", "NV"), ((9, 20), (9, 20), (9, 20), False)),
    "TX": ((9, 21), (9, 21), (12, 21), False),
    "KY": ((10, 21), (10, 21), (10, 21), False),
    "AL": ((8, 20), (8, 20), None, True),
    "LA": ((8, 20), (8, 20), None, True),
    "MS": ((8, 20), (8, 20), None, True),
    "RI": ((9, 18), (10, 17), None, True),
    "PA": ((8, 21), (9, 17), (13.5, 21), True),
}


def may_call(at: datetime, zones: Sequence[str], states: Sequence[str]) -> bool:
    """Whether an instant lies within the federal and every state's hours on each of the clocks."""
    return all(_opens(at.astimezone(ZoneInfo(zone)), state) for zone in zones for state in ("", *states))


def _opens(wall: datetime, state: str) -> bool:
    hour = wall.hour + wall.minute / 60 + wall.second / 3600 + wall.microsecond / 3_600_000_000
    if state not in TABLE:
        return 8 <= hour < 21
    mon_fri, sat, sun, is_closed_on_holidays = TABLE[state]
    if is_closed_on_holidays and wall.date().isoformat() in _days_off(state):
        return False
    hours = {5: sat, 6: sun}.get(wall.weekday(), mon_fri)
    return hours is not None and hours[0] <= hour < hours[1]


@cache
def _days_off(state: str) -> frozenset[str]:
    found = holidays.country_holidays("US", subdiv=state, years=range(2025, 2031))
    return frozenset(day.isoformat() for day in found)
