"""How routes do, as a page and a file show it: a bar for each route that can be judged, the weak ones in words."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.pictures import Bar
from apps.reporting.route_queries import Route, weak
from apps.reporting.web.grids import Grid, Pen, grid

MEANING = (
    "A route is a service with the queue that its lead was routed to last. Scheduled: a visit is on record, also if it "
    "was cancelled later. The average is that of all routes of the service. A route is weak where it lies below the "
    "service's other routes by more than chance; each weak route of the last 90 days opens a review once a month. "
    "Valid patients' inquiries captured in the period, test leads excluded."
)


def routes_panel(found: Sequence[Route], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows."""
    drawn = [each for each in found if each.is_enough]
    told = [_said(each, pen) for each in weak(found)]
    return {
        "n": pen.count(sum(each.leads for each in found)),
        "is_empty": not found,
        "bars": [_bar(each, pen) for each in drawn],
        "weak": told,
        "summary": "" if told else _("No route is weaker than the others of its service by more than chance."),
        "grid": routes_grid(found, pen),
        "meaning": _(MEANING),
    }


def routes_grid(found: Sequence[Route], pen: Pen) -> Grid:
    """Return a row for each route: its leads, those scheduled, its share and that of its service, the judgement."""
    head = (
        *(_("Route"), _("Leads"), _("Scheduled"), _("Share scheduled")),
        *(_("Average of the service"), _("Judgement")),
    )
    rows = []
    for each in found:
        average = pen.share(each.average, each.all_scheduled) or _("withheld")
        shares = (_share(each, pen), average) if each.is_enough else (pen.too_few(each.leads), "")
        judged = _("weak") if each.is_weak else "" if each.is_enough else _("not judged")
        rows.append([_name(each), pen.count(each.leads), pen.count(each.scheduled), *shares, judged])
    return grid(_("Routes"), head, rows)


def _said(each: Route, pen: Pen) -> str:
    said = _("%(route)s: scheduling %(share)s vs %(average)s average.")
    average = pen.share(each.average, each.all_scheduled) or _("withheld")
    return said % {"route": _name(each), "share": _share(each, pen), "average": average}


def _bar(each: Route, pen: Pen) -> Bar:
    percent = 0 if pen.hides(each.scheduled) else each.share
    return Bar(_name(each), f"{_share(each, pen)} (n = {pen.count(each.leads)})", percent)


def _share(each: Route, pen: Pen) -> str:
    return pen.share(each.share, each.scheduled) or _("withheld")


def _name(each: Route) -> str:
    return f"{each.service_name} → {each.queue_name}"
