"""The data-flow map as a picture: what comes in on the left, what goes out on the right, leadcrm between."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.compliance.dataflow import Does, Line, Step

ROW, BOX, WIDTH, GAP, TOP = 40, 30, 960, 250, 34
MOST = 14


@dataclass(frozen=True, slots=True)
class Box:
    """One tool: where it stands, what it says, the line to it, and how it is drawn: health, plain or stopped."""

    x: int
    y: int
    text_y: int
    line_y: int
    what: str
    kind: str


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """The whole picture; `left_out` counts tools that did not fit."""

    width: int
    height: int
    middle: int
    middle_height: int
    left: list[Box]
    right: list[Box]
    steps: list[tuple[int, str]]
    left_out: int


def picture_of(found: Sequence[Line]) -> FlowPicture:
    """Return the picture of a map."""
    comes = sorted((each for each in found if each.step is Step.ARRIVAL), key=_first)
    goes = [each for each in found if each.step in (Step.OUTREACH, Step.HANDING_ON) and each.tool != "leadcrm"]
    goes.sort(key=_first)
    rows = max(min(len(comes), MOST), min(len(goes), MOST), len(Step))
    return FlowPicture(
        width=WIDTH,
        height=TOP + rows * ROW + 10,
        middle=(WIDTH - GAP) // 2,
        middle_height=rows * ROW,
        left=[_box(each, at, 0) for at, each in enumerate(comes[:MOST])],
        right=[_box(each, at, WIDTH - GAP) for at, each in enumerate(goes[:MOST])],
        steps=[(TOP + 24 + at * ROW, step.value) for at, step in enumerate(Step)],
        left_out=max(0, len(comes) - MOST) + max(0, len(goes) - MOST),
    )


def _first(line: Line) -> int:
    """Order what is drawn: what is stopped, then health information, then the rest."""
    return 0 if line.may_carry is False else 1 if line.is_health else 2


def _box(line: Line, at: int, x: int) -> Box:
    y = TOP + at * ROW
    stopped = line.may_carry is False
    kind = "stopped" if stopped else "plain" if line.does is Does.NONE else "health"
    return Box(x, y, y + 20, y + BOX // 2, line.what, kind)
