"""How leads ended, as a page and a file show it: a bar for each disqualification, the sum, what data is missing."""

from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.ending_queries import Endings
from apps.reporting.pictures import Bar
from apps.reporting.web.grids import Grid, Pen, grid

MEANING = (
    "Disqualified: leads of the period that ended by a reason of the fixed list, each counted once, by its last end; "
    "reopened leads are not among them. Missing data: ended leads of which no outcome is on record, by the reason."
)


def endings_panel(found: Endings, pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows."""
    most = max((count for _key, _label, count in found.disqualified), default=0)
    drawn = [(label or _none(), count) for _key, label, count in found.disqualified if count]
    return {
        "n": pen.count(found.ended),
        "is_empty": not found.ended,
        "total": pen.count(found.total),
        "bars": [
            Bar(label, pen.count(count), 0 if pen.hides(count) else 100 * count // most) for label, count in drawn
        ],
        "summary": _("Disqualified: %(total)s of %(n)s leads that ended.")
        % {"total": pen.count(found.total), "n": pen.count(found.ended)},
        "grid": endings_grid(found, pen),
        "missing": grid(
            _("Without an outcome on record"),
            (_("Why"), _("Leads")),
            [[label, pen.count(count)] for label, count in found.missing],
        ),
        "meetings": grid(
            _("Meetings by outcome"),
            (_("Outcome"), _("Patients"), _("Groups and candidates")),
            [[_(label), pen.count(ours), pen.count(others)] for label, ours, others in found.meetings],
        ),
        "meaning": _(MEANING),
    }


def endings_grid(found: Endings, pen: Pen) -> Grid:
    """Return a row for each reason of the fixed list and their sum."""
    cells = pen.column([count for _key, _label, count in found.disqualified])
    rows = [
        [label or _none(), key or "", cell]
        for (key, label, _count), cell in zip(found.disqualified, cells, strict=True)
    ]
    rows.append([_("Disqualified in all"), "", pen.count(found.total)])
    return grid(_("Disqualified by reason"), (_("Reason"), _("Entry of the list"), _("Leads")), rows)


def _none() -> str:
    return _("(no reason on record)")
