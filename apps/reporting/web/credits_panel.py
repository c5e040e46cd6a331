"""The credits of partnerships as a page and a file show them: one table, one sentence, the definition."""

from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.terms import CREDITS_MEANING, Credits
from apps.reporting.web.grids import Grid, Pen, grid


def credits_panel(found: Credits, pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows: the sum in words and the table."""
    said = _("Leads of partnerships: %(leads)s, booked: %(booked)s; each lead once.")
    return {
        "n": pen.count(found.leads),
        "is_empty": not found.teams,
        "summary": said % {"leads": pen.count(found.leads), "booked": pen.count(found.booked)},
        "grid": credits_grid(found, pen),
        "meaning": _(CREDITS_MEANING),
    }


def credits_grid(found: Credits, pen: Pen) -> Grid:
    """Return the table that the page shows and the file holds."""
    head = (_("Team"), _("Delivered"), _("Answers for"), _("Booked"))
    rows = [[each.team, *map(pen.count, (each.delivered, each.answers, each.booked))] for each in found.teams]
    return grid(_("Delivered and booked by team"), head, rows)
