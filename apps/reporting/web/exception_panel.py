"""Exceptions on the board and as files: how many of each cause wait, and since when the oldest does (row EX-13)."""

from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.exceptions.queries import opened_by_day, volumes
from apps.exceptions.terms import TYPE_LABELS
from apps.ownership.queries import visible_leads
from apps.reporting.web.grids import Grid, grid
from apps.tenancy.actor import Actor
from apps.workspace.words import Wall, span

DAYS = 14


def exceptions_part(actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return a line for each cause: “Missing location 14, oldest 22 min”; `may_open` for who reviews them."""
    lines = [
        _("%(title)s %(n)d, oldest %(age)s")
        % {"title": _(each.title), "n": each.count, "age": span((wall.now - each.oldest_at).total_seconds())}
        for each in volumes(visible_leads(actor))
    ]
    return {"lines": lines, "may_open": actor.may(Permission.SUBMISSION_READ)}


def exceptions_grid(actor: Actor, wall: Wall) -> Grid:
    """Return volume and age by cause as a table; ages in whole minutes."""
    head = (_("Cause"), _("Type"), _("Waiting"), _("Oldest, minutes"))
    rows = [
        [_(each.title), _(TYPE_LABELS[each.type]), each.count, int((wall.now - each.oldest_at).total_seconds()) // 60]
        for each in volumes(visible_leads(actor))
    ]
    return grid(_("Exceptions"), head, rows)


def causes_grid(actor: Actor, wall: Wall) -> Grid:
    """Return what was opened each day by type as a table."""
    days = opened_by_day(wall.zone, wall.now, days=DAYS, leads=visible_leads(actor))
    kinds = [kind for kind in TYPE_LABELS if any(kind in counts for counts in days.values())]
    head = (_("Day"), *(_(TYPE_LABELS[kind]) for kind in kinds), _("All"))
    rows = [[f"{day}", *(counts.get(kind, 0) for kind in kinds), sum(counts.values())] for day, counts in days.items()]
    return grid(_("Causes by day"), head, rows)
