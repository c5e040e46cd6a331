"""How long processes take, as a page and a file show it: a row for each pipeline, from its start to its end."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.decisions import nearest_rank
from apps.reporting.process_queries import Cycle
from apps.reporting.web.grids import Grid, Pen, grid
from apps.workspace.words import span

MEANING = (
    "From the event that starts a pipeline's process to the one that ends it, as the process rules name them, for "
    "leads captured in the period; test leads excluded. p50 and p90 are nearest ranks over those that came to the end. "
    "A booking is no start of care: started care counts leads that entered the stage of treatment."
)


def cycle_panel(found: Sequence[Cycle], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows."""
    return {
        "n": pen.count(sum(each.begun for each in found)),
        "is_empty": not found,
        "summary": " ".join(_summary(each, pen) for each in found),
        "grid": cycle_grid(found, pen),
        "meaning": _(MEANING),
    }


def cycle_grid(found: Sequence[Cycle], pen: Pen) -> Grid:
    """Return a row for each pipeline: its two ends, how many came there, how long it took, who started care."""
    head = (
        *(_("Pipeline"), _("Starts"), _("Ends"), _("Begun"), _("Came to the end")),
        *(_("p50"), _("p90"), _("Booked"), _("Started care")),
    )
    rows = []
    for each in found:
        ended = len(each.seconds)
        ranks = [nearest_rank(each.seconds, rank) for rank in (50, 90)]
        lasted = [pen.enough(ended, span(rank)) if rank is not None else "" for rank in ranks]
        counts = [pen.count(count) for count in (each.begun, ended)]
        after = [pen.count(count) for count in (each.booked, each.in_care)]
        rows.append([each.pipeline, each.start, each.end, *counts, *lasted, *after])
    return grid(_("From start to end"), head, rows)


def _summary(each: Cycle, pen: Pen) -> str:
    words = {
        "pipeline": each.pipeline,
        "n": pen.count(each.begun),
        "ended": pen.count(len(each.seconds)),
        "start": each.start,
        "end": each.end,
    }
    return _("%(pipeline)s: %(ended)s of %(n)s came from “%(start)s” to “%(end)s”.") % words
