"""Hours in which states let somebody be called or texted, on the person's own clock, with their dates of effect.

Facts as of November 2026, gathered from secondary sources (law firms' notes and vendors' tables): state laws on
telephone solicitation, such as Fla. Stat. 501.616(6), 15 Okla. Stat. 775C.4, RCW 80.36.390 and Texas SB 140 of 2025.
Where the sources disagree the stricter reading stands. Many of these laws spare an answer to an inquiry; we keep them
for every call and text unless a tenant's contact rules have a table of their own. This is software, no legal advice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

import holidays

from apps.policies.decisions.documents import as_document, as_items, as_text, as_whole
from apps.policies.terms import Problem

NONE = "none"
PARTS = ("mon_fri", "sat", "sun", "holidays")
KEYS = frozenset({"state", *PARTS, "since", "until", "per_day"})
_SATURDAY, _SUNDAY = 5, 6
_EIGHT_TO_EIGHT, _NINE_TO_NINE = "08:00-20:00", "09:00-21:00"


@dataclass(frozen=True, slots=True)
class Open:
    """When a day is open, closed at its start and open at its end; equal ends are a day without contact."""

    start: time
    end: time

    def holds(self, wall: time) -> bool:
        """Whether a wall time lies inside."""
        return self.start <= wall < self.end


NEVER = Open(time(0), time(0))


@dataclass(frozen=True, slots=True)
class StateHours:
    """A state's hours while they are in force. `on_holidays` is None where holidays are as other days.

    `per_day` is how often a person may be tried within 24 hours; 0 where the state does not say.
    """

    state: str
    mon_fri: Open
    sat: Open
    sun: Open
    on_holidays: Open | None = None
    since: date = date.min
    until: date = date.max
    per_day: int = 0

    def is_in_force(self, day: date) -> bool:
        """Whether the hours hold on a day; the last day is the one before `until`."""
        return self.since <= day < self.until

    def on(self, day: date) -> Open:
        """Return when a day is open."""
        if self.on_holidays is not None and day in _holidays(self.state, day.year):
            return self.on_holidays
        weekday = day.weekday()
        return self.sun if weekday == _SUNDAY else self.sat if weekday == _SATURDAY else self.mon_fri


def _row(state: str, mon_fri: str, sat: str, sun: str, holiday: str = "", per_day: int = 0) -> dict[str, object]:
    row = {"state": state, "mon_fri": mon_fri, "sat": sat, "sun": sun, "holidays": holiday, "per_day": per_day}
    return {key: value for key, value in row.items() if value}


#: What holds where the contact rules have no table of their own.
USUAL: tuple[Mapping[str, object], ...] = (
    *(_row(state, _EIGHT_TO_EIGHT, _EIGHT_TO_EIGHT, _EIGHT_TO_EIGHT, per_day=3) for state in ("FL", "OK", "MD")),
    *(_row(state, _EIGHT_TO_EIGHT, _EIGHT_TO_EIGHT, _EIGHT_TO_EIGHT) for state in ("WA", "MA", "NJ")),
    *(_row(state, _EIGHT_TO_EIGHT, _EIGHT_TO_EIGHT, NONE, NONE) for state in ("AL", "LA", "MS")),
    *(_row(state, _NINE_TO_NINE, _NINE_TO_NINE, _NINE_TO_NINE) for state in ("MI", "MN", "NM")),
    *(_row(state, "09:00-20:00", "09:00-20:00", "09:00-20:00") for state in ("CT", "NV")),
    _row("TX", _NINE_TO_NINE, _NINE_TO_NINE, "12:00-21:00"),
    _row("KY", "10:00-21:00", "10:00-21:00", "10:00-21:00"),
    _row("RI", "09:00-18:00", "10:00-17:00", NONE, NONE),
    _row("PA", "08:00-21:00", "09:00-17:00", "13:30-21:00", NONE),
)


def state_hours(document: object) -> tuple[StateHours, ...]:
    """Return the table of a contact document; where it has none, the usual one. Unreadable hours are no hours."""
    own = as_document(document).get("states")
    return _usual() if own is None else tuple(_read(as_document(each)) for each in as_items(own))


def hours_of(states: Iterable[str], document: object) -> tuple[StateHours, ...]:
    """Return the hours that bind for somebody who may be in any of these states."""
    wanted = frozenset(states)
    return tuple(each for each in state_hours(document) if each.state in wanted) if wanted else ()


def read_open(value: object) -> Open | None:
    """Return what "08:00-20:00" or "none" says; None when it is neither."""
    text = as_text(value).strip()
    if text == NONE:
        return NEVER
    start, dash, end = text.partition("-")
    try:
        found = Open(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
    except ValueError:
        return None
    return found if dash and found.start < found.end and not found.start.tzinfo and not found.end.tzinfo else None


def check_states(document: Mapping[str, object]) -> list[Problem]:
    """Name what is wrong with a table of states."""
    found: list[Problem] = []
    for number, item in enumerate(as_items(document.get("states"))):
        row, at = as_document(item), f"/states/{number}"
        found += [Problem(f"{at}/{key}", "unknown_key", f"There is no “{key}” here.") for key in row if key not in KEYS]
        if not (len(as_text(row.get("state"))) == 2 and as_text(row.get("state")).isupper()):
            found.append(Problem(f"{at}/state", "bad_value", "Give a state's two letters, such as AL."))
        for part in PARTS:
            if read_open(row.get(part)) is None and (part != "holidays" or row.get(part)):
                found.append(Problem(f"{at}/{part}", "bad_time", "Give hours such as 08:00-20:00, or none."))
        for part in ("since", "until"):
            if row.get(part) and _day(row.get(part), date.min) == date.min:
                found.append(Problem(f"{at}/{part}", "bad_value", "Give a day such as 2026-01-31."))
        if "per_day" in row and (as_whole(row["per_day"]) or 0) < 1:
            found.append(Problem(f"{at}/per_day", "bad_value", "Give a whole number of at least 1."))
    return found


@lru_cache(maxsize=1)
def _usual() -> tuple[StateHours, ...]:
    return tuple(_read(each) for each in USUAL)


def _read(row: Mapping[str, object]) -> StateHours:
    mon_fri, sat, sun, on_holidays = (read_open(row.get(part)) or NEVER for part in PARTS)
    return StateHours(
        as_text(row.get("state")),
        mon_fri,
        sat,
        sun,
        on_holidays if row.get("holidays") else None,
        _day(row.get("since"), date.min),
        _day(row.get("until"), date.max),
        as_whole(row.get("per_day")) or 0,
    )


def _day(value: object, otherwise: date) -> date:
    try:
        return date.fromisoformat(as_text(value)) if value else otherwise
    except ValueError:
        return otherwise


@lru_cache(maxsize=512)
def _holidays(state: str, year: int) -> frozenset[date]:
    """Return the public holidays of a state, with those of the whole country; of one without a list, these alone."""
    own = state if state in holidays.list_supported_countries()["US"] else None
    return frozenset(holidays.country_holidays("US", subdiv=own, years=year))
