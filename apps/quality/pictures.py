"""Geometry of the small pictures: a line of daily counts in a fixed frame. Pure; the template writes it down."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 120, 28, 3


@dataclass(frozen=True, slots=True)
class Spark:
    """A line with its last point, and what it says in words."""

    points: str
    x: float
    y: float
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def spark(values: Sequence[int], highest: int = 0) -> Spark | None:
    """Return the line of values, oldest first; None for fewer than two. Lines of one page share `highest`."""
    if len(values) < 2:
        return None
    top = max(highest, *values, 1)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    corners = [
        (round(EDGE + step * place, 1), round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / top, 1))
        for place, value in enumerate(values)
    ]
    x, y = corners[-1]
    return Spark(" ".join(f"{a},{b}" for a, b in corners), x, y, ", ".join(map(str, values)))
