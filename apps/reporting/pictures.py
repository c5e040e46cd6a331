"""Geometry of the server-drawn pictures: from figures to coordinates. The templates only write them down."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log10

from apps.reporting.decisions import DAY, HOUR, MINUTE, nearest_rank
from apps.reporting.terms import SegmentFunnel, Step

FUNNEL_LABELS, FUNNEL_BAR, ROW = 128, 400, 32
SHARE_LABELS, SHARE_BAR, LONGEST_NAME = 188, 300, 24
LEFT, TOP, WIDTH, HEIGHT = 52, 28, 700, 260
TICKS = {10: "10 s", MINUTE: "1 min", 5 * MINUTE: "5 min", 30 * MINUTE: "30 min"}
TICKS |= {2 * HOUR: "2 h", 8 * HOUR: "8 h", DAY: "1 d", 7 * DAY: "7 d", 30 * DAY: "30 d"}
SHORTEST = 10
FIGURE_ROOM = 96
#: At which height of the picture each curve is named, so that names never lie on each other.
NAMED_AT = (76, 50, 24)


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the funnel's picture."""

    label: str
    figure: str
    y: int
    text_y: int
    width: int
    figure_x: int


def share_bars(rows: Sequence[tuple[str, str, int]]) -> list[Bar]:
    """Return a bar for each name, figure and percent; a long name is cut in the picture, the table has it whole."""
    bars = []
    for at, (name, figure, percent) in enumerate(rows):
        y, width = at * ROW + 4, round(SHARE_BAR * percent / 100)
        bars.append(Bar(_short(name), figure, y, y + 17, width, SHARE_LABELS + width + 8))
    return bars


@dataclass(frozen=True, slots=True)
class Series:
    """Ascending times with their percentiles, and the words that stand beside their curve."""

    label: str
    ordered: tuple[float, ...]
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis or a curve, with its word beside it."""

    x: float
    label: str = ""
    y: int = 0
    anchor: str = "start"
    text_x: float = 0


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the picture, told apart by its number: colour, dash and shape of its marks."""

    number: int
    path: str
    name: Mark
    points: tuple[Mark, Mark]


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """The cumulative curves with their axes and the line of the target."""

    curves: list[Curve]
    ticks: list[Mark]
    shares: list[tuple[int, str]]
    target: Mark | None


def funnel_bars(
    funnel: SegmentFunnel, words: Mapping[Step, str], figures: Mapping[Step, str], hidden: Collection[Step] = ()
) -> list[Bar]:
    """Return a bar for each step, as long as its share of all captured; a withheld count has no length.

    A long name of a stage is cut in the picture; the table has it whole.
    """
    bars = []
    for at, step in enumerate(funnel.steps):
        is_drawn = funnel.n and step.step not in hidden
        width = round(FUNNEL_BAR * step.count / funnel.n) if is_drawn else 0
        y = at * ROW + 4
        # A figure that has no room between the bar and the end of its ground stands behind the ground.
        figure_x = FUNNEL_LABELS + (width if width < FUNNEL_BAR - FIGURE_ROOM else FUNNEL_BAR) + 8
        bars.append(Bar(_short(words[step.step]), figures[step.step], y, y + 17, width, figure_x))
    return bars


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def curve_picture(series: Sequence[Series], target: tuple[int, str] | None) -> CurvePicture:
    """Draw ascending times through their hundredths, on a logarithmic axis that ends at a tick after the last."""
    longest = max([*(each.ordered[-1] for each in series), target[0] if target else 0, MINUTE])
    last = next((tick for tick in TICKS if tick >= longest), longest)

    def x_of(seconds: float) -> float:
        share = log10(max(seconds, SHORTEST) / SHORTEST) / log10(last / SHORTEST)
        return round(LEFT + WIDTH * share, 1)

    def y_of(percent: int) -> int:
        return round(TOP + HEIGHT * (100 - percent) / 100)

    def named(seconds: float, label: str, y: int) -> Mark:
        x = x_of(seconds)
        is_right = x > LEFT + WIDTH * 0.55
        return Mark(x, label, y, "end" if is_right else "start", round(x - 12 if is_right else x + 12, 1))

    def curve(number: int, each: Series) -> Curve:
        corners = [f"M{LEFT},{y_of(0)}"]
        for percent in range(1, 101):
            seconds = nearest_rank(each.ordered, percent) or 0.0
            corners.append(f"H{x_of(seconds)}V{y_of(percent)}")
        height = NAMED_AT[number % len(NAMED_AT)]
        name = named(nearest_rank(each.ordered, height) or 0.0, each.label, y_of(height) + 4)
        points = (Mark(x_of(each.p50), "p50", y_of(50)), Mark(x_of(each.p90), "p90", y_of(90)))
        return Curve(number, "".join([*corners, f"H{LEFT + WIDTH}"]), name, points)

    return CurvePicture(
        curves=[curve(number, each) for number, each in enumerate(series)],
        ticks=[Mark(x_of(seconds), word) for seconds, word in TICKS.items() if seconds <= last],
        shares=[(y_of(percent), f"{percent} %") for percent in (0, 50, 90, 100)],
        target=named(*target, TOP - 8) if target else None,
    )
