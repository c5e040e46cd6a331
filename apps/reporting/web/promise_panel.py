"""What campaigns promise and what is asked for, as a page and a file show it: bars, their table, the promises."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.decisions import mismatch
from apps.reporting.pictures import Bar
from apps.reporting.terms import PROMISE_MEANING, Mismatch, Promise
from apps.reporting.web.grids import Grid, Pen, grid


def promise_panel(promises: Sequence[Promise], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows; a campaign is drawn where enough of its leads name a service."""
    found = [mismatch(each) for each in promises]
    drawn = [each for each in found if each.is_enough and each.percent is not None]
    return {
        "n": pen.count(sum(each.leads for each in found)),
        "is_empty": not found,
        "bars": [_bar(each, pen) for each in drawn],
        "summary": " ".join(_said(each, pen) for each in drawn),
        "grid": promises_grid(promises, pen),
        "meaning": _(PROMISE_MEANING),
        "promised": [
            {"name": each.campaign, "scope": each.scope, "eligibility": each.eligibility}
            for each in promises
            if each.scope or each.eligibility
        ],
    }


def promises_grid(promises: Sequence[Promise], pen: Pen) -> Grid:
    """Return a row for each campaign: its promise, what else was asked for, and the share."""
    head = (
        _("Campaign"),
        _("Promised services"),
        _("Asked for something else"),
        _("n (service named)"),
        _("Mismatch"),
        _("Without it: no service named"),
        _("What else was asked for"),
    )
    rows = []
    for each in map(mismatch, promises):
        others = ", ".join(f"{wish.name} {pen.count(wish.count)}" for wish in each.others)
        rows.append(
            [
                each.promise.campaign,
                ", ".join(each.promise.services.values()) or _("none"),
                pen.count(each.elsewhere) if each.promise.services else "",
                pen.count(each.named),
                _share(each, pen),
                pen.count(each.leads - each.named),
                others,
            ]
        )
    return grid(_("Promised and requested"), head, rows)


def _share(found: Mismatch, pen: Pen) -> str:
    if found.percent is None:
        return _("not judged")
    return pen.enough(found.named, pen.share(found.percent, found.elsewhere) or _("withheld"))


def _said(found: Mismatch, pen: Pen) -> str:
    said = _("%(campaign)s: %(share)s of %(n)s leads ask for something else than it promises.")
    return said % {"campaign": found.promise.campaign, "share": _share(found, pen), "n": pen.count(found.named)}


def _bar(found: Mismatch, pen: Pen) -> Bar:
    percent = 0 if pen.hides(found.elsewhere) else found.percent or 0
    return Bar(found.promise.campaign, f"{_share(found, pen)} (n = {pen.count(found.named)})", percent)
