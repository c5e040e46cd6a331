"""Rules put away by what they ask for, so that a rule is compared with those only that it may meet.

A box lies below each combination of the values, beginnings of text and phrases it asks for. What holds whenever
a box does is found below a value that the box takes, the beginnings of its text, or the phrases within its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

from apps.policies.decisions.demands import Box, Demand, Item
from apps.policies.decisions.reading import Node
from apps.policies.decisions.words import words_of
from apps.policies.terms import Operator

MOST_COMPARED = 400_000
MOST_KEYS = 64


class Label(StrEnum):
    """By what a demand is put away."""

    VALUE = "value"
    START = "start"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule as it is compared. `effect` is what it does, in canonical form; `stops` ends the layers after it."""

    path: str
    name: str
    node: Node
    boxes: tuple[Box, ...] | None
    effect: str
    stops: bool = False

    @property
    def key(self) -> frozenset[frozenset[tuple[str, Demand]]]:
        """What it asks for, to find rules that ask for the same."""
        return frozenset(frozenset(box.items()) for box in self.boxes or ())


Labels = tuple[tuple[str, Label], ...]
Shelf = dict[tuple[Item, ...], list[tuple[Ruled, Box]]]


@dataclass(slots=True)
class Earlier:
    """The rules that come first. `budget` counts the comparisons left: nothing more is found without."""

    budget: int = MOST_COMPARED
    shelves: dict[tuple[frozenset[str], Labels], Shelf] = field(default_factory=dict)

    def add(self, rule: Ruled) -> None:
        """Put a rule away, each box below every combination of what it asks for."""
        for box in rule.boxes or ():
            labels = _labels(box)
            shelf = self.shelves.setdefault((frozenset(box), labels), {})
            for key in product(*(_put(box[name])[1] for name, _ in labels)):
                shelf.setdefault(key, []).append((rule, box))

    def around(self, box: Box) -> Iterator[tuple[Ruled, Box]]:
        """Yield what may hold whenever this box does: it asks of no other field, and for what this box asks for."""
        asked = set(box)
        for (fields, labels), shelf in self.shelves.items():
            if fields <= asked:
                for key in product(*(_look(box[name], label) for name, label in labels)):
                    yield from self._counted(shelf.get(key, ()))

    def beside(self, box: Box) -> Iterator[tuple[Ruled, Box]]:
        """Yield what asks of the same fields, for values or numbers only, and takes one of this box's values."""
        for (fields, labels), shelf in self.shelves.items():
            if fields == set(box) and all(label is Label.VALUE and box[name].only for name, label in labels):
                for key in product(*(sorted(box[name].only or (), key=str) for name, _ in labels)):
                    yield from self._counted(shelf.get(key, ()))

    def _counted(self, found: Iterable[tuple[Ruled, Box]]) -> Iterator[tuple[Ruled, Box]]:
        for pair in found:
            if self.budget <= 0:
                return
            self.budget -= 1
            yield pair


def _labels(box: Box) -> Labels:
    """Return the fields a box is put away by: the shortest lists, while their combinations are few."""
    sizes = sorted((len(_put(demand)[1]), name) for name, demand in box.items())
    chosen: list[str] = []
    keys = 1
    for size, name in sizes:
        keys *= size or 1
        if size and (not chosen or keys <= MOST_KEYS):
            chosen.append(name)
    return tuple((name, _put(box[name])[0]) for name in sorted(chosen))


def _put(demand: Demand) -> tuple[Label, list[Item]]:
    if demand.only:
        return Label.VALUE, sorted(demand.only, key=str)
    start, phrases = _said(demand, Operator.STARTS_WITH), _said(demand, Operator.CONTAINS_WORD)
    if start:
        return Label.START, [("text", start[0])]
    return Label.PHRASE, [("text", " ".join(words_of(phrase))) for phrase in phrases]


def _look(demand: Demand, label: Label) -> list[Item]:
    """Return below what the demands lie that may be met whenever this one is; nothing where none can be."""
    value = min(demand.only, key=str)[1] if demand.only else None
    if label is Label.VALUE:
        return [min(demand.only, key=str)] if demand.only else []
    if label is Label.START:
        text = value or next(iter(_said(demand, Operator.STARTS_WITH)), "")
        return [("text", text[:end]) for end in range(1, len(text) + 1)] if isinstance(text, str) else []
    words = words_of(str(value or next(iter(_said(demand, Operator.CONTAINS_WORD)), "")))
    return [("text", " ".join(words[start:end])) for end in range(1, len(words) + 1) for start in range(end)]


def _said(demand: Demand, op: Operator) -> tuple[str, ...]:
    return next((each.texts for each in sorted(demand.said, key=str) if each.holds and each.op is op), ())
