"""The share of duplicates as a page and a file show it: a picture, its words and a table for each kind of origin."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.decisions import duplicate_shares
from apps.reporting.pictures import Bar
from apps.reporting.terms import DUPLICATES_MEANING, ENOUGH, ORIGIN_WORDS, ArrivalTally, DuplicateShare, Origin
from apps.reporting.web.grids import Grid, Pen, grid

MOST_DRAWN = 12


def duplicates_panel(tallies: Sequence[ArrivalTally], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows; the partners stand first, since a price may hang on their share."""
    whole = sum(each.count for each in tallies)
    return {
        "n": pen.count(whole),
        "too_few": "" if whole >= ENOUGH else pen.too_few(whole),
        "groups": [_group(origin, tallies, pen) for origin in (Origin.PARTY, Origin.SOURCE, Origin.CAMPAIGN)],
        "meaning": _(DUPLICATES_MEANING),
    }


def duplicates_grid(tallies: Sequence[ArrivalTally], pen: Pen) -> Grid:
    """Return every origin of every kind in one table, as the file holds it."""
    rows = [
        [_(ORIGIN_WORDS[origin]), *_row(each, pen)] for origin in Origin for each in duplicate_shares(tallies, origin)
    ]
    return grid(_("Duplicates"), (_("By"), *_head(_("Name"))), rows)


def sentence(share: DuplicateShare, pen: Pen) -> str:
    """Return "BrightPath: 12 of 80 = 15 %", or that there are too few."""
    if share.n < ENOUGH:
        return f"{share.name}: {pen.too_few(share.n)}"
    figures = f"{pen.count(share.duplicates)} {_('of')} {pen.count(share.n)}"
    percent = pen.share(share.percent, share.duplicates, share.n)
    return f"{share.name}: {figures} = {percent}" if percent else f"{share.name}: {figures}"


def _group(origin: Origin, tallies: Sequence[ArrivalTally], pen: Pen) -> dict[str, Any]:
    shares = duplicate_shares(tallies, origin)
    drawn = [each for each in shares if each.n >= ENOUGH and not pen.hides(each.duplicates)][:MOST_DRAWN]
    return {
        "key": str(origin),
        "title": _("Duplicates by %(origin)s") % {"origin": _(ORIGIN_WORDS[origin]).lower()},
        "bars": [Bar(each.name, sentence(each, pen).partition(": ")[2], each.percent or 0) for each in drawn],
        "summary": "; ".join(sentence(each, pen) for each in shares[:MOST_DRAWN]),
        "grid": grid(_(ORIGIN_WORDS[origin]), _head(_(ORIGIN_WORDS[origin])), [_row(each, pen) for each in shares]),
    }


def _head(label: str) -> tuple[str, ...]:
    return (label, _("Arrivals"), _("Duplicates"), _("Share"), _("Updates"), _("Resubmitted"))


def _row(share: DuplicateShare, pen: Pen) -> list[str]:
    percent = pen.share(share.percent, share.duplicates, share.n) if share.n >= ENOUGH else pen.too_few(share.n)
    counts = (share.n, share.duplicates)
    return [
        share.name,
        *map(pen.count, counts),
        percent,
        pen.count(share.updates),
        pen.count(share.resubmits),
    ]
