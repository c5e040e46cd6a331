"""Geometry of the picture of daily deliveries: from counts to rectangles. The template only writes them down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from apps.partners.terms import Result

LEFT, TOP, WIDTH, HEIGHT = 36, 12, 640, 160
#: From the ground up; the order is the same on every day, so that colour is never the only difference.
STACK = (Result.ACCEPTED, Result.DUPLICATE, Result.HELD, Result.REJECTED, Result.RECEIVED)


@dataclass(frozen=True, slots=True)
class Segment:
    """One result of one day."""

    result: Result
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its stack from the ground up, and its label where there is room for one."""

    day: date
    x: float
    middle: float
    label: str
    total: int
    total_y: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """The whole picture."""

    columns: tuple[Column, ...]
    bar_width: float
    lines: tuple[tuple[float, int], ...]
    ground: int = TOP + HEIGHT


def stack_of(days: Sequence[tuple[date, dict[Result, int]]]) -> Stack:
    """Draw each day as a column, as high as its number of deliveries."""
    most = max((sum(counts.values()) for _, counts in days), default=0)
    top = _round_up(most)
    step = WIDTH / max(1, len(days))
    width = round(step * 0.64, 1)
    columns = tuple(
        _column(day, counts, round(LEFT + step * place, 1), width, top, has_label=(len(days) - 1 - place) % 2 == 0)
        for place, (day, counts) in enumerate(days)
    )
    lines = tuple((round(TOP + HEIGHT * (1 - share), 1), round(top * share)) for share in (0.5, 1))
    return Stack(columns, width, lines)


def _column(day: date, counts: dict[Result, int], x: float, width: float, top: int, *, has_label: bool) -> Column:
    y, segments = float(TOP + HEIGHT), []
    for result in STACK:
        if counts[result]:
            height = HEIGHT * counts[result] / top
            y -= height
            segments.append(Segment(result, round(y, 1), round(height, 1)))
    label = f"{day.day} {day:%b}" if has_label else ""
    return Column(day, x, round(x + width / 2, 1), label, sum(counts.values()), round(y - 4, 1), tuple(segments))


def _round_up(most: int) -> int:
    """Return the end of the scale: an even number that is read easily."""
    for end in (4, 10, 20, 40, 50, 100, 200, 400, 500, 1000, 2000, 4000, 5000):
        if most <= end:
            return end
    return most + most % 2
