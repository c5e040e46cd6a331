"""The picture of causes: a bar for each of the last days, stacked by type of exception, so that a broken form shows.

It returns numbers for an SVG; its table says the same in words.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.exceptions.terms import TYPE_LABELS

WIDTH, HEIGHT, LEFT, FOOT = 640, 154, 44, 22
#: How many types have a colour of their own; the rest are one.
MOST_TYPES = 5
OTHER = "other"


def stack_of(days: Mapping[date, Mapping[str, int]]) -> dict[str, Any] | None:
    """Return bars, legend, table and a sentence; None when nothing was opened in these days."""
    totals: dict[str, int] = {}
    for counts in days.values():
        for kind, count in counts.items():
            totals[kind] = totals.get(kind, 0) + count
    if not totals:
        return None
    named = sorted(totals, key=lambda kind: (-totals[kind], kind))[:MOST_TYPES]
    series = [*named, OTHER] if len(totals) > MOST_TYPES else named
    table = [(day, [_count(counts, kind, named) for kind in series]) for day, counts in days.items()]
    top = max(sum(row) for _day, row in table)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "base": HEIGHT - FOOT,
        "top": top,
        "bars": [_bar(place, len(table), day, row, top) for place, (day, row) in enumerate(table)],
        "series": [{"number": place, "label": _label(kind)} for place, kind in enumerate(series)],
        "rows": [{"day": _day_word(day), "counts": row, "total": sum(row)} for day, row in table],
        "words": _words(totals, len(days)),
    }


def _count(counts: Mapping[str, int], kind: str, named: list[str]) -> int:
    if kind != OTHER:
        return counts.get(kind, 0)
    return sum(count for each, count in counts.items() if each not in named)


def _bar(place: int, whole: int, day: date, row: list[int], top: int) -> dict[str, Any]:
    step = (WIDTH - LEFT) / whole
    x, width = round(LEFT + place * step + step * 0.12, 1), round(step * 0.76, 1)
    parts, y = [], float(HEIGHT - FOOT)
    for number, count in enumerate(row):
        height = round((HEIGHT - FOOT - 8) * count / top, 1)
        y = round(y - height, 1)
        if count:
            parts.append({"number": number, "y": y, "height": height})
    return {"x": x, "width": width, "middle": round(x + width / 2, 1), "parts": parts, "label": f"{day.day}"}


def _label(kind: str) -> str:
    return _("Other") if kind == OTHER else _(TYPE_LABELS[kind])


def _day_word(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _words(totals: Mapping[str, int], days: int) -> str:
    whole, (first, most) = sum(totals.values()), max(totals.items(), key=lambda pair: pair[1])
    counted = ngettext("%(n)d exception", "%(n)d exceptions", whole) % {"n": whole}
    return _("%(whole)s in %(days)d days, most of them: %(first)s (%(most)d).") % {
        "whole": counted,
        "days": days,
        "first": _(TYPE_LABELS[first]).lower(),
        "most": most,
    }
