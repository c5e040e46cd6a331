"""What came of cadences, as a page and a file show it: bars of who booked, and a table by step (row TN-17)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.pictures import Bar
from apps.reporting.terms import CadenceTally
from apps.reporting.web.grids import Grid, Pen, grid


def cadences_panel(tallies: Sequence[CadenceTally], names: Mapping[str, str], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows."""
    whole = [each for each in tallies if not each.step]
    return {
        "n": pen.count(sum(each.leads for each in whole)),
        "is_empty": not whole,
        "bars": [_bar(each, names, pen) for each in whole if each.leads],
        "grid": cadences_grid(tallies, names, pen),
    }


def cadences_grid(tallies: Sequence[CadenceTally], names: Mapping[str, str], pen: Pen) -> Grid:
    """Return a row for each cadence and each of its steps."""
    head = (
        *(_("Cadence"), _("Step"), _("Leads"), _("Sent"), _("Delivered"), _("Opened"), _("Clicked"), _("Answered")),
        *(_("Opted out"), _("Booked")),
    )
    rows = []
    for each in tallies:
        counts = (each.leads, each.sent, each.delivered, each.opened, each.clicked, each.replied)
        cells = [pen.count(count) for count in (*counts, each.opted_out, each.booked)]
        rows.append([names.get(each.cadence, each.cadence), each.step or _("all"), *cells])
    return grid(_("Cadences"), head, rows)


def _bar(tally: CadenceTally, names: Mapping[str, str], pen: Pen) -> Bar:
    percent = 0 if pen.hides(tally.booked) else round(100 * tally.booked / tally.leads)
    figure = _("%(booked)s of %(leads)s booked") % {"booked": pen.count(tally.booked), "leads": pen.count(tally.leads)}
    return Bar(names.get(tally.cadence, tally.cadence), figure, percent)
