"""Geometry of the picture of a pipeline: its stages in order, the steps between them, and the ways out below."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from apps.playbook.decisions import side_keys
from apps.playbook.terms import Way

BOX, TALL, GAP, LEFT = 112, 52, 24, 4
LETTERS, LINES, LINE = 14, 2, 16
#: How high an arc over one box more rises; the highest still leaves room for its head.
RISE, HIGHEST = 20, 60


@dataclass(frozen=True, slots=True)
class Box:
    """One stage in the picture; `lines` are its label, cut where it is too long (the table has it whole)."""

    x: int
    y: int
    lines: tuple[tuple[str, int], ...]
    middle: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes, the arrows of the main way as paths, and the line that leads to the ways out."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    drops: tuple[str, ...]


def picture_of(way: Way) -> Picture:
    """Return where everything of a pipeline stands."""
    sides = side_keys(way.moves, {each.key: each.is_open for each in way.stages})
    main = [each for each in way.stages if each.key not in sides]
    out = [each for each in way.stages if each.key in sides]
    place = {each.key: number for number, each in enumerate(main)}
    leaps = sorted(
        {(place[start], place[each.to]) for each in way.moves for start in each.starts if _is_on(each.to, start, place)}
    )
    top = LEFT + min(HIGHEST, RISE * max((to - start - 1 for start, to in leaps), default=0))
    boxes = [_box(each.label, number, top, each.is_open) for number, each in enumerate(main)]
    below = top + TALL + 2 * GAP
    boxes += [_box(each.label, number, below, each.is_open) for number, each in enumerate(out)]
    width = 2 * LEFT + max(len(main), len(out), 1) * (BOX + GAP) - GAP
    height = (below if out else top) + TALL + LEFT
    rail = top + TALL + GAP
    drops = []
    if main and out:
        last = max(len(main), len(out)) - 1
        drops.append(f"M{_middle(0)} {rail}H{_middle(last)}")
        drops += [f"M{_middle(number)} {top + TALL}V{rail}" for number in range(len(main))]
        drops += [f"M{_middle(number)} {rail}V{below}" for number in range(len(out))]
    return Picture(width, height, tuple(boxes), tuple(_arrow(start, to, top) for start, to in leaps), tuple(drops))


def _is_on(to: str, start: str, place: dict[str, int]) -> bool:
    return start in place and to in place and place[to] > place[start]


def _arrow(start: int, to: int, top: int) -> str:
    """Return a straight arrow to the neighbour, an arc over what it leaps."""
    if to == start + 1:
        y = top + TALL // 2
        return f"M{LEFT + start * (BOX + GAP) + BOX} {y}H{LEFT + to * (BOX + GAP) - 2}"
    rise = top - min(HIGHEST, RISE * (to - start - 1))
    left, right = _middle(start) + 14, _middle(to) - 14
    return f"M{left} {top}C{left} {rise} {right} {rise} {right} {top - 2}"


def _box(label: str, number: int, y: int, is_open: bool) -> Box:
    return Box(LEFT + number * (BOX + GAP), y, _written(label, y), _middle(number), is_open)


def _middle(number: int) -> int:
    return LEFT + number * (BOX + GAP) + BOX // 2


def _written(label: str, y: int) -> tuple[tuple[str, int], ...]:
    lines: Sequence[str] = wrap(label, LETTERS, max_lines=LINES, placeholder="…") or [""]
    first = y + TALL // 2 + 5 - (len(lines) - 1) * LINE // 2
    return tuple((text, first + number * LINE) for number, text in enumerate(lines))
