"""Leads that changed teams, as a page and a file show it: by cause, what came of handoffs, wrong categories."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.handoff_queries import HANDOFF, STAGE, HandoffFigures, Moved
from apps.reporting.web.grids import Grid, Pen, grid
from apps.workspace.words import plain

MEANING = (
    "A handoff is a change of the owning team of a lead captured in the period, test leads excluded; the first owner "
    "is none. By hand: transfers, returns, accepted handoffs, exceptions redirected by a person and what was taken "
    "back; automatic: every other one. Minutes saved: automatic handoffs times the %(minutes)d minutes that the "
    "handoff rules say one by hand takes."
)


def handoffs_panel(found: HandoffFigures, names: Mapping[str, str], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows; `names` are those of handoff types and stages by key."""
    words = {"n": pen.count(found.total), "manual": pen.count(found.manual), "saved": _saved(found, pen)}
    return {
        "n": pen.count(found.total),
        "is_empty": not found.total and not found.wrong and not found.answers,
        "summary": _("%(n)s handoffs, %(manual)s manual; %(saved)s saved.") % words,
        "grid": handoffs_grid(found, names, pen),
        "answers": _answers(found, pen),
        "wrong": _wrong(found, pen),
        "meaning": _(MEANING) % {"minutes": found.minutes},
    }


def handoffs_grid(found: HandoffFigures, names: Mapping[str, str], pen: Pen) -> Grid:
    """Return a row for each cause, then their sum."""
    rows = [
        [_cause(each, names), _way(each), pen.count(each.count), _minutes(each, found, pen)] for each in found.moves
    ]
    rows.append([_("All"), "", pen.count(found.total), _saved(found, pen)])
    return grid(_("Handoffs by cause"), (_("Cause"), _("How"), _("Handoffs"), _("Staff minutes saved")), rows)


def _answers(found: HandoffFigures, pen: Pen) -> Grid:
    head = (_("Handoff"), _("Offered"), _("Accepted"), _("Returned"), _("Taken back"))
    rows = [
        [each.name, *(pen.count(n) for n in (each.offered, each.accepted, each.returned, each.withdrawn))]
        for each in found.answers
    ]
    return grid(_("What came of handoffs"), head, rows)


def _wrong(found: HandoffFigures, pen: Pen) -> Grid:
    rows = [[was or _("none"), actual, pen.count(n)] for was, actual, n in found.wrong]
    return grid(_("Wrong categories"), (_("Taken for"), _("Wanted"), _("Leads")), rows)


def _cause(each: Moved, names: Mapping[str, str]) -> str:
    for prefix in (HANDOFF, STAGE):
        if each.trigger.startswith(prefix):
            key = each.trigger.removeprefix(prefix)
            name = names.get(key, key)
            return name if prefix == HANDOFF else _("Stage %(name)s") % {"name": name}
    return plain(each.trigger)


def _way(each: Moved) -> str:
    return _("by hand") if each.is_manual else _("automatic")


def _minutes(each: Moved, found: HandoffFigures, pen: Pen) -> str:
    if each.is_manual:
        return "0"
    return _("withheld") if pen.hides(each.count) else str(each.count * found.minutes)


def _saved(found: HandoffFigures, pen: Pen) -> str:
    automatic = found.total - found.manual
    if pen.hides(automatic) or pen.hides(found.total) or pen.hides(found.manual):
        return _("withheld")
    return _("%(n)d min") % {"n": found.minutes_saved}
