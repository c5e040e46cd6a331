"""Geometry of the server-drawn pictures: from figures to coordinates. The templates only write them down."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10

from apps.reporting.decisions import DAY, HOUR, MINUTE, nearest_rank
from apps.reporting.terms import SegmentFunnel, Step

FUNNEL_LABELS, FUNNEL_BAR, ROW = 96, 470, 34
LEFT, TOP, WIDTH, HEIGHT = 52, 44, 620, 220
TICKS = {10: "10 s", MINUTE: "1 min", 5 * MINUTE: "5 min", 30 * MINUTE: "30 min"}
TICKS |= {2 * HOUR: "2 h", 8 * HOUR: "8 h", DAY: "1 d", 7 * DAY: "7 d", 30 * DAY: "30 d"}
SHORTEST = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the funnel's picture."""

    label: str
    figure: str
    y: int
    text_y: int
    width: int
    figure_x: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line with its word beside it, or a tick of an axis."""

    x: float
    label: str
    y: int = 0
    anchor: str = "middle"
    text_x: float = 0


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """The cumulative curve: its line, its axes, and the marks at p50, p90 and the target."""

    path: str
    ticks: list[Mark]
    shares: list[tuple[int, str]]
    percentiles: list[Mark]
    target: Mark | None


def funnel_bars(funnel: SegmentFunnel, words: Mapping[Step, str]) -> list[Bar]:
    """Return a bar for each step, as long as its share of all captured."""
    bars = []
    for at, step in enumerate(funnel.steps):
        width = round(FUNNEL_BAR * step.count / funnel.n) if funnel.n else 0
        y = at * ROW + 4
        label = words[step.step]
        figure = f"{step.count} ({step.of_all} %)"
        bars.append(Bar(label, figure, y, y + 18, width, FUNNEL_LABELS + width + 8))
    return bars


def curve_picture(
    ordered: tuple[float, ...], marks: list[tuple[float, str]], target: tuple[int, str] | None
) -> CurvePicture:
    """Draw ascending times through their hundredths, on a logarithmic axis that ends at a tick after the last."""
    longest = max([ordered[-1], target[0] if target else 0, MINUTE])
    last = next((tick for tick in TICKS if tick >= longest), longest)

    def x_of(seconds: float) -> float:
        share = log10(max(seconds, SHORTEST) / SHORTEST) / log10(last / SHORTEST)
        return round(LEFT + WIDTH * share, 1)

    def y_of(percent: int) -> int:
        return round(TOP + HEIGHT * (100 - percent) / 100)

    corners = [f"M{LEFT},{y_of(0)}"]
    for percent in range(1, 101):
        seconds = nearest_rank(ordered, percent)
        assert seconds is not None
        corners.append(f"H{x_of(seconds)}V{y_of(percent)}")
    corners.append(f"H{LEFT + WIDTH}")

    def mark(seconds: float, label: str, y: int) -> Mark:
        x = x_of(seconds)
        is_right = x > LEFT + WIDTH * 0.8
        return Mark(x, label, y, "end" if is_right else "start", round(x - 5 if is_right else x + 5, 1))

    return CurvePicture(
        path="".join(corners),
        ticks=[Mark(x_of(seconds), word) for seconds, word in TICKS.items() if seconds <= last],
        shares=[(y_of(percent), f"{percent} %") for percent in (0, 50, 90, 100)],
        percentiles=[mark(seconds, label, TOP - 20 if at else TOP - 6) for at, (seconds, label) in enumerate(marks)],
        target=mark(*target, TOP - 34) if target else None,
    )
