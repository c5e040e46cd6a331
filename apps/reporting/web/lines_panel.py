"""The calls by number as a page and a file show them: one table, one sentence, the definition."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.terms import LINES_MEANING, LineTally
from apps.reporting.web.grids import Grid, Pen, grid


def lines_panel(tallies: Sequence[LineTally], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows: a bar for each number, their sum in words, and the table."""
    calls = sum(each.calls for each in tallies)
    most = max((each.calls for each in tallies), default=0)
    return {
        "n": pen.count(calls),
        "is_empty": not tallies,
        "summary": summary(tallies, pen) if calls else _("Nobody called one of these numbers in this period."),
        "bars": [_bar(each, most, pen) for each in tallies if each.calls],
        "grid": lines_grid(tallies, pen),
        "meaning": _(LINES_MEANING),
    }


def summary(tallies: Sequence[LineTally], pen: Pen) -> str:
    """Return the figures in one sentence, for who hears the page."""
    figures = {
        "calls": pen.count(sum(each.calls for each in tallies)),
        "matched": pen.count(sum(each.matched for each in tallies)),
        "mismatched": pen.count(sum(each.mismatched for each in tallies)),
        "unknown": pen.count(sum(each.unknown for each in tallies)),
    }
    said = _("Calls: %(calls)s. Matched: %(matched)s. Mismatched: %(mismatched)s. Not known: %(unknown)s.")
    return said % figures


def lines_grid(tallies: Sequence[LineTally], pen: Pen) -> Grid:
    """Return the table that the page shows and the file holds."""
    head = (
        *(_("Number"), _("Advertisement"), _("Campaign"), _("Calls"), _("Matched"), _("Mismatched"), _("Not known")),
        _("Scheduled"),
    )
    rows = [
        [each.number, each.label, each.campaign, *(pen.count(count) for count in _counts(each))] for each in tallies
    ]
    return grid(_("Calls by number"), head, rows)


def _counts(each: LineTally) -> tuple[int, ...]:
    return each.calls, each.matched, each.mismatched, each.unknown, each.scheduled


def _bar(each: LineTally, most: int, pen: Pen) -> dict[str, Any]:
    """Return one number's bar; a withheld count has no length that would tell it."""
    hides = pen.hides(each.calls)
    return {
        "name": each.label or each.number,
        "number": each.number,
        "calls": pen.count(each.calls),
        "matched": pen.count(each.matched),
        "mismatched": pen.count(each.mismatched),
        "value": 0 if hides else each.calls,
        "most": most,
        "hides": hides,
    }
