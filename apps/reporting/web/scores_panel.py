"""Scores beside what came of the leads, as a page and a file show it: a bar for each band, what it tells, the table."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

from django.utils.translation import gettext as _

from apps.qualification.terms import Part
from apps.reporting.decisions import percent
from apps.reporting.intervals import is_above, wilson
from apps.reporting.pictures import Bar
from apps.reporting.score_queries import BandTally
from apps.reporting.web.grids import Grid, Pen, grid

MEANING = (
    "Patients' inquiries captured in the period by the first score each was given, test leads excluded. Scheduled: a "
    "visit with time, place and confirmation is on record, also if it was cancelled later. Those still open may yet "
    "schedule. The interval holds the true share 95 times of 100. A lead counts in the band that it had at first, "
    "under the version of the scorecard that gave it."
)
PARTS = {Part.FIT: "Fit", Part.INTENT: "Intent"}


def scores_panel(tallies: Sequence[BandTally], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows; a band is drawn where enough leads fell into it."""
    drawn = [each for each in tallies if each.is_enough]
    return {
        "n": pen.count(sum(each.leads for each in tallies if each.part is Part.FIT)),
        "is_empty": not tallies,
        "bars": [_bar(each, pen) for each in drawn],
        "told": list(_told(drawn, pen)),
        "grid": scores_grid(tallies, pen),
        "meaning": _(MEANING),
    }


def scores_grid(tallies: Sequence[BandTally], pen: Pen) -> Grid:
    """Return a row for each band of each version: leads, those scheduled, their share and its interval."""
    head = (
        *(_("Band"), _("Score"), _("Scorecard"), _("Leads"), _("Still open"), _("Scheduled"), _("Share scheduled")),
        *(_("95 % interval"), _("Completed intake")),
    )
    rows = []
    for each in tallies:
        counts = (each.leads, each.open, each.scheduled)
        interval = wilson(each.scheduled, each.leads)
        is_told = each.is_enough and not any(map(pen.hides, counts))
        rows.append(
            [
                *(_band(each), _(PARTS[each.part]), _card(each), *map(pen.count, counts)),
                pen.enough(each.leads, _share(each, pen)),
                str(interval) if is_told else "",
                pen.count(each.completed),
            ]
        )
    return grid(_("Scores and what came of them"), head, rows)


def _told(drawn: Sequence[BandTally], pen: Pen) -> Iterator[str]:
    """Yield a sentence for each part of each version, and one for each pair of bands that tells nothing."""
    for (_version, part), found in groupby(drawn, key=lambda each: (each.version, each.part)):
        bands = list(found)
        shares = ", ".join(f"{_band(each)} {_share(each, pen)}" for each in bands)
        yield _("%(part)s by scorecard %(card)s, scheduled: %(shares)s.") % {
            "part": _(PARTS[part]),
            "card": _card(bands[0]),
            "shares": shares,
        }
        for upper, lower in pairwise(bands):
            if not _is_better(upper, lower) and not any(pen.hides(each.scheduled) for each in (upper, lower)):
                yield _("%(upper)s does not schedule more often than %(lower)s, as far as these numbers tell.") % {
                    "upper": _band(upper),
                    "lower": _band(lower),
                }


def _is_better(upper: BandTally, lower: BandTally) -> bool:
    return is_above((upper.scheduled, upper.leads), (lower.scheduled, lower.leads))


def _bar(each: BandTally, pen: Pen) -> Bar:
    label = _("%(part)s: %(band)s (%(card)s)")
    named = {"part": _(PARTS[each.part]), "band": _band(each), "card": _card(each)}
    share = 0 if pen.hides(each.scheduled) else percent(each.scheduled, each.leads) or 0
    return Bar(label % named, f"{_share(each, pen)} (n = {pen.count(each.leads)})", share)


def _share(each: BandTally, pen: Pen) -> str:
    return pen.share(percent(each.scheduled, each.leads), each.scheduled) or _("withheld")


def _band(each: BandTally) -> str:
    return each.band or _("(no band)")


def _card(each: BandTally) -> str:
    return f"v{each.version}" if each.version else _("none")
