"""The figures of marketing as a page and a file show them."""

from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.marketing import Brought
from apps.reporting.web.grids import Grid, Pen, grid


def marketing_panel(found: list[Brought], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows: how many leads, and the table."""
    return {
        "n": pen.count(sum(each.leads for each in found)),
        "is_empty": not found,
        "grid": marketing_grid(found, pen),
    }


def marketing_grid(found: list[Brought], pen: Pen) -> Grid:
    """Return the table that the page shows and the file holds."""
    head = (_("Source and campaign"), _("Leads"), _("Valid"), _("Contacted"), _("Booked"))
    cells = pen.columns([(each.leads, each.valid, each.contacted, each.booked) for each in found])
    rows = [[each.name, *texts] for each, texts in zip(found, cells, strict=True)]
    return grid(_("Sources and campaigns"), head, rows)
