"""A table of text: the page shows it and the file holds it, cell for cell, so that both say the same."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.reporting.annotations import Annotation
from apps.reporting.queries import Period
from apps.reporting.terms import ENOUGH, SMALL_CELL


@dataclass(frozen=True, slots=True)
class Grid:
    """A head and rows of text; the first cell of a row is its name."""

    caption: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes figures for one reader: `hides_small` where the reader's role reads no health data.

    Counts from 1 to below `limit` and the shares made of them are then withheld; a zero tells of nobody and stays.
    """

    hides_small: bool = False
    limit: int = SMALL_CELL

    def hides(self, count: int) -> bool:
        """Say whether a count is withheld from the reader."""
        return self.hides_small and 0 < count < self.limit

    def count(self, count: int) -> str:
        """Return a count, or that it is a small one."""
        return _("< %(limit)d") % {"limit": self.limit} if self.hides(count) else str(count)

    def withheld(self, counts: Sequence[int], blank: Collection[int] = ()) -> frozenset[int]:
        """Return which parts of a shown sum are withheld, by place: the small ones, and one more beside a single.

        A small part that is the only one missing could be told from the sum and the other parts; so the smallest other
        part that is no zero is withheld with it (row PH-15). `blank` are places that the table leaves empty anyway.
        """
        small = {place for place, count in enumerate(counts) if self.hides(count)}
        missing = small | {place for place in blank if counts[place]}
        others = [place for place, count in enumerate(counts) if count and place not in missing]
        if len(missing) == 1 and small and others:
            small.add(min(others, key=lambda place: counts[place]))
        return frozenset(small)

    def column(self, counts: Sequence[int], blank: Collection[int] = ()) -> list[str]:
        """Return the parts of a sum as cells, without those that are withheld."""
        hidden = self.withheld(counts, blank)
        shown = [self.count(count) for count in counts]
        return [
            _("withheld") if place in hidden and not self.hides(counts[place]) else text
            for place, text in enumerate(shown)
        ]

    def columns(self, rows: Sequence[Sequence[int]]) -> list[list[str]]:
        """Return rows of counts as cells, each column the parts of a sum."""
        return [list(each) for each in zip(*(self.column(each) for each in zip(*rows, strict=True)), strict=True)]

    def share(self, percent: int | None, *counts: int) -> str:
        """Return a share in percent, empty without one or where a count behind it is withheld."""
        return "" if percent is None or any(map(self.hides, counts)) else f"{percent} %"

    def too_few(self, n: int) -> str:
        """Return the sentence that stands where a figure would say more about chance than about work."""
        return _("Not enough data (n %(n)s)") % {"n": self.count(n) if self.hides(n) else f"= {n}"}

    def enough(self, n: int, figure: str) -> str:
        """Return a figure that rests on n leads, or that there are too few."""
        return figure if n >= ENOUGH else self.too_few(n)


def grid(caption: object, head: Iterable[object], rows: Iterable[Sequence[object]]) -> Grid:
    """Return a table of text."""
    return Grid(str(caption), [str(each) for each in head], [[str(cell) for cell in row] for row in rows])


def with_changes(table: Grid, changes: Iterable[Annotation], period: Period) -> Grid:
    """Return a table with a row for each change of the period below its figures: when, then what."""
    rows = []
    for each in changes:
        local = each.at.astimezone(ZoneInfo(period.zone))
        when = _("Changed %(when)s") % {"when": f"{local:%Y-%m-%d %H:%M}"}
        rows.append([when, each.sentence, *[""] * (len(table.head) - 2)])
    return replace(table, rows=[*table.rows, *rows])
