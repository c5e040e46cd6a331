"""The speed of first contact as a page and a file show it: curves by opening hours, never a mean."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.decisions import joined, speed
from apps.reporting.pictures import Series, curve_picture
from apps.reporting.terms import HOURS_WORDS, SPEED_MEANING, TARGET_MEANING, Hours, Speed, SpeedFacts
from apps.reporting.web.grids import Grid, Pen, grid
from apps.workspace.words import span

MINUTE = 60


def speed_panel(facts: Mapping[Hours, SpeedFacts], pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows; a curve stands for enough leads only."""
    every = joined(facts.values())
    found = speed(every)
    series = [_series(_(HOURS_WORDS[side]), facts[side].human_seconds, pen) for side in Hours]
    series.append(_series(_("Acknowledged"), every.acknowledgement_seconds, pen))
    drawn = [each for each in series if each is not None]
    limit = found.target_seconds
    line = (limit, _("SLA %(time)s") % {"time": threshold_word(limit)}) if limit else None
    return {
        "leads": pen.count(found.leads),
        "reached": pen.count(found.reached),
        "too_few": "" if found.is_enough else pen.too_few(found.reached),
        "thin": [
            f"{_(HOURS_WORDS[side])}: {pen.too_few(len(facts[side].human_seconds))}"
            for side in Hours
            if found.is_enough and not speed(facts[side]).is_enough
        ],
        "picture": curve_picture(drawn, line) if found.is_enough and drawn else None,
        "summary": summary(found, facts, pen),
        "grid": speed_grid(facts, pen),
        "meaning": _(SPEED_MEANING),
        "target_meaning": _(TARGET_MEANING),
    }


def _series(name: str, seconds: tuple[float, ...], pen: Pen) -> Series | None:
    ordered = tuple(sorted(seconds))
    own = speed(SpeedFacts(len(ordered), ordered, (), ()))
    if not own.is_enough or own.p50 is None or own.p90 is None:
        return None
    told = _("%(name)s: p50 %(p50)s, p90 %(p90)s (n = %(n)s)")
    figures = {"name": name, "p50": lasted(own.p50), "p90": lasted(own.p90), "n": pen.count(own.reached)}
    return Series(told % figures, ordered, own.p50, own.p90)


def summary(found: Speed, facts: Mapping[Hours, SpeedFacts], pen: Pen) -> str:
    """Return the picture in words, for who hears the page."""
    if not found.is_enough:
        return pen.too_few(found.reached)
    head = _("Of the %(n)s people reached, half were spoken to within %(p50)s, nine in ten within %(p90)s.")
    parts = [head % {"n": pen.count(found.reached), "p50": lasted(found.p50), "p90": lasted(found.p90)}]
    for side in Hours:
        own = speed(facts[side])
        if own.is_enough:
            told = _("%(when)s: half within %(p50)s, nine in ten within %(p90)s.")
            figures = {"when": _(HOURS_WORDS[side]), "p50": lasted(own.p50), "p90": lasted(own.p90)}
            parts.append(told % figures)
    return " ".join(parts)


def speed_grid(facts: Mapping[Hours, SpeedFacts], pen: Pen) -> Grid:
    """Return the twin of the picture: each measure for all leads and by opening hours."""
    groups = [joined(facts.values()), *(facts[side] for side in Hours)]
    head = (_("Measure"), _("All"), *(_(HOURS_WORDS[side]) for side in Hours))
    found = [speed(each) for each in groups]
    columns = [_column(each, pen) for each in found]
    rows = [[label, *(column[label] for column in columns)] for label in columns[0]]
    if found[0].target_seconds:
        limits = [threshold_word(each.target_seconds) if each.target_seconds else "" for each in found]
        rows.append([_("Most frequent target (the line)"), *limits])
    return grid(_("Speed to first contact"), head, rows)


def _column(found: Speed, pen: Pen) -> dict[str, str]:
    told = {
        _("Valid leads"): pen.count(found.leads),
        _("Reached by a person"): pen.count(found.reached),
        _("First contact, p50"): pen.enough(found.reached, lasted(found.p50)),
        _("First contact, p90"): pen.enough(found.reached, lasted(found.p90)),
        _("Acknowledged"): pen.count(found.ack_count),
        _("Acknowledgement, p50"): pen.enough(found.ack_count, lasted(found.ack_p50)),
        _("Acknowledgement, p90"): pen.enough(found.ack_count, lasted(found.ack_p90)),
        _("Clocks judged"): pen.count(found.judged),
        _("Within target"): pen.enough(found.judged, f"{found.within_percent} %"),
    }
    for point in found.points:
        label = _("Reached within %(time)s") % {"time": threshold_word(point.seconds)}
        share = pen.share(point.percent, point.count)
        figure = f"{pen.count(point.count)} ({share})" if share else pen.count(point.count)
        told[label] = figure if found.is_enough else ""
    return told


def lasted(seconds: float | None) -> str:
    """Return a time that passed: "20 s", "6 min 10 s", else as other spans."""
    if seconds is None:
        return _("none")
    whole = round(seconds)
    if whole < MINUTE:
        return _("%(n)d s") % {"n": whole}
    if whole < 60 * MINUTE:
        return _("%(m)d min %(s)d s") % {"m": whole // MINUTE, "s": whole % MINUTE} if whole % MINUTE else span(whole)
    return span(whole)


def threshold_word(seconds: int) -> str:
    """Return a round limit: "30 min", "4 h", "3 d"."""
    for unit, word in ((86_400, _("%(n)d d")), (3600, _("%(n)d h")), (MINUTE, _("%(n)d min"))):
        if seconds >= unit and seconds % unit == 0:
            return word % {"n": seconds // unit}
    return lasted(seconds)
