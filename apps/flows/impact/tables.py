"""The figures of a replay laid out as tables: from what to what, and how many leads a queue gets at each hour. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.flows.impact.terms import HOURS, SIDES, Tally

#: A matrix shows so many values of a side; the rest stand together in the last line.
MOST_VALUES = 12
SHADES = 5
NONE = "none"
OTHERS = "all others"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure and how strongly it is shaded, 0 to 5 by its share of the largest; the diagonal is not shaded."""

    count: int
    shade: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """From what to what: a line for each value before, a column for each value after."""

    name: str
    changed: int
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class HourCell:
    """The leads of a queue at one hour of the day over the whole window: before, after, and the shade of the change."""

    before: int
    after: int
    shade: int


@dataclass(frozen=True, slots=True)
class Load:
    """A queue's leads before and after, and by the hour; `busiest` is its busiest hour after, per day."""

    name: str
    before: int
    after: int
    a_day: str
    busiest: str
    hours: tuple[HourCell, ...]


def matrices_of(tally: Tally, names: Mapping[str, str]) -> list[Matrix]:
    """Return a matrix for every side in which anything changes; that of the queues always."""
    found = [_matrix(side, tally.matrices.get(side, {}), names if side == "queue" else {}) for side in SIDES]
    return [each for each in found if each.changed or each.name == SIDES["queue"]]


def load_of(tally: Tally, names: Mapping[str, str], since: datetime, until: datetime) -> list[Load]:
    """Return the load of each queue that has any, the most changed first."""
    days = max(1.0, (until - since) / timedelta(days=1))
    rows = [(names.get(key, key) or NONE, each[0], each[1]) for key, each in tally.load.items()]
    most = max((abs(new - old) for _, before, after in rows for old, new in zip(before, after, strict=True)), default=0)
    found = [_load(name, before, after, most, days) for name, before, after in rows]
    return sorted(found, key=lambda each: (-abs(each.after - each.before), -each.after, each.name))


def _matrix(side: str, counts: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> Matrix:
    totals: dict[str, int] = {}
    for was, row in counts.items():
        for now, number in row.items():
            for key in {was, now}:
                totals[key] = totals.get(key, 0) + number
    moved = {key for was, row in counts.items() for now in row if was != now for key in (was, now)}
    keys = sorted(totals, key=lambda key: (key not in moved, -totals[key], key))
    shown, rest = keys[:MOST_VALUES], keys[MOST_VALUES:]
    groups = [(names.get(key, key) or NONE, [key]) for key in shown] + ([(OTHERS, rest)] if rest else [])
    figures = [
        [sum(counts.get(was, {}).get(now, 0) for was in lines for now in columns) for _, columns in groups]
        for _, lines in groups
    ]
    off = [number for x, row in enumerate(figures) for y, number in enumerate(row) if x != y]
    most = max(off, default=0)
    rows = tuple(
        (name, tuple(Cell(number, _shade(number, most) if x != y else 0) for y, number in enumerate(row)))
        for x, ((name, _), row) in enumerate(zip(groups, figures, strict=True))
    )
    changed = sum(number for was, row in counts.items() for now, number in row.items() if was != now)
    return Matrix(SIDES[side], changed, tuple(name for name, _ in groups), rows)


def _load(name: str, before: list[int], after: list[int], most: int, days: float) -> Load:
    cells = tuple(HourCell(old, new, _shade(abs(new - old), most)) for old, new in zip(before, after, strict=True))
    peak = max(range(HOURS), key=lambda hour: after[hour])
    a_day = f"{sum(before) / days:.1f} → {sum(after) / days:.1f}"
    return Load(name, sum(before), sum(after), a_day, f"{peak}:00, {after[peak] / days:.1f} a day", cells)


def _shade(number: int, most: int) -> int:
    return max(1, round(SHADES * number / most)) if number and most else 0
