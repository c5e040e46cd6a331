"""What messages came to as a page and a file show it: one table, one sentence, the definition."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.flows.message_results import Results
from apps.reporting.message_queries import TemplateTally
from apps.reporting.web.grids import Grid, Pen, grid

MEANING = gettext_noop(
    "Messages that went in the period, by template. Delivered, opened, followed and answered are what their receivers'"
    " services and the people told. An opt-out or a booking counts once, for the last message before it within 30 days."
)


def messages_panel(tallies: Sequence[TemplateTally], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows."""
    total = _total(tallies)
    return {
        "n": pen.count(total.sent),
        "is_empty": not tallies,
        "summary": summary(total, pen),
        "grid": messages_grid(tallies, pen),
        "meaning": _(MEANING),
    }


def summary(total: Results, pen: Pen) -> str:
    """Return the figures in one sentence, for who hears the page."""
    names = ("sent", "delivered", "opened", "clicked", "replied", "opted_out", "booked")
    figures = dict(zip(names, map(pen.count, astuple(total)), strict=True))
    said = _(
        "Sent: %(sent)s. Delivered: %(delivered)s. Opened: %(opened)s. Followed: %(clicked)s. Answered: %(replied)s."
        " Opted out: %(opted_out)s. Booked: %(booked)s."
    )
    return said % figures


def messages_grid(tallies: Sequence[TemplateTally], pen: Pen) -> Grid:
    """Return the table that the page shows and the file holds; the last row is their sum."""
    head = (
        *(_("Template"), _("By"), _("Sent"), _("Delivered"), _("Opened"), _("Followed a link"), _("Answered")),
        *(_("Opted out"), _("Booked")),
    )
    columns = pen.columns([astuple(each.results) for each in tallies]) if tallies else []
    rows = [[each.template, each.channel, *cells] for each, cells in zip(tallies, columns, strict=True)]
    rows.append([_("All"), "", *map(pen.count, astuple(_total(tallies)))])
    return grid(_("What messages came to"), head, rows)


def _total(tallies: Sequence[TemplateTally]) -> Results:
    total = Results()
    for each in tallies:
        total = total.plus(each.results)
    return total
