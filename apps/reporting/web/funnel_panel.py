"""The funnel as a page and a file show it: one picture, its summary in words, and tables with the same numbers."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.decisions import drops, funnel, funnels, rates, without_visits
from apps.reporting.pictures import funnel_bars
from apps.reporting.queries import step_words
from apps.reporting.terms import (
    DROP_MEANING,
    DROP_WORDS,
    FUNNEL_MEANING,
    STEP_MEANINGS,
    Drop,
    SegmentFunnel,
    Step,
    Tally,
)
from apps.reporting.web.grids import Grid, Pen, grid


def funnel_panel(tallies: Sequence[Tally], label: Any, pen: Pen, *, visits: bool = True) -> dict[str, Any]:
    """Return all that the panel shows; without the steps of visits where the goal of the leads is none."""
    whole = funnel(_("All"), tallies) if visits else without_visits(funnel(_("All"), tallies))
    figures = {each.step: _figure(each.count, each.of_all, pen) for each in whole.steps}
    hidden = {each.step for each in whole.steps if pen.hides(each.count)}
    words = {step: _word(step) for step in Step}
    return {
        "n": pen.count(whole.n),
        "too_few": "" if whole.is_enough else pen.too_few(whole.n),
        "bars": funnel_bars(whole, words, figures, hidden) if whole.is_enough else [],
        "summary": summary(whole, pen),
        "rates": [] if not whole.is_enough else _rates(whole, pen),
        "steps": steps_grid(whole, pen),
        "segments": segments_grid(tallies, label, pen, visits=visits),
        "drops": drops_grid(tallies, pen),
        "meaning": _(FUNNEL_MEANING),
        "drop_meaning": _(DROP_MEANING),
    }


def summary(whole: SegmentFunnel, pen: Pen) -> str:
    """Return the picture in one sentence, for who hears the page."""
    if not whole.is_enough:
        return pen.too_few(whole.n)
    parts = [f"{_word(each.step)} {_figure(each.count, each.of_all, pen)}" for each in whole.steps]
    return _("Of %(n)s inquiries: %(parts)s.") % {"n": pen.count(whole.n), "parts": ", ".join(parts[1:])}


def steps_grid(whole: SegmentFunnel, pen: Pen) -> Grid:
    """Return the twin of the picture: each step with its shares and what counts there."""
    head = (_("Step"), _("Leads"), _("Of captured"), _("Of step before"), _("Counts when"))
    rows, before = [], whole.n
    for each in whole.steps:
        shares = (pen.share(each.of_all, each.count), pen.share(each.of_previous, each.count, before))
        rows.append([_word(each.step), pen.count(each.count), *shares, _(STEP_MEANINGS[each.step])])
        before = each.count
    return grid(_("Funnel, all leads"), head, rows)


def segments_grid(tallies: Sequence[Tally], label: Any, pen: Pen, *, visits: bool = True) -> Grid:
    """Return the counts of all leads and of each segment, with the named rates; one too small names its size."""
    found = [funnel(_("All"), tallies), *funnels(tallies)]
    shown = found if visits else [without_visits(each) for each in found]
    head = [label, *(_word(each.step) for each in shown[0].steps), *(_(each.name) for each in rates(shown[0]))]
    rows, cells = [], _cells(shown, pen)
    for each, texts in zip(shown, cells, strict=True):
        if not each.is_enough:
            rows.append([each.segment, pen.too_few(each.n), *[""] * (len(head) - 2)])
            continue
        hidden = {step.step for step, text in zip(each.steps, texts, strict=True) if text != str(step.count)}
        shares = [
            "" if {rate.part, rate.base} & hidden else pen.share(rate.percent, rate.count, rate.n)
            for rate in rates(each)
        ]
        rows.append([each.segment, *texts, *shares])
    return grid(_("Funnel by segment"), head, rows)


def _cells(shown: Sequence[SegmentFunnel], pen: Pen) -> list[list[str]]:
    """Return the counts of "All" and of each segment as cells; segments are the parts of "All", step by step."""
    whole, *segments = shown
    blank = [place for place, each in enumerate(segments) if not each.is_enough]
    columns = []
    for at, step in enumerate(whole.steps):
        parts = [each.steps[at].count for each in segments]
        columns.append([pen.count(step.count), *pen.column(parts, blank if at else ())])
    return [list(each) for each in zip(*columns, strict=True)]


def drops_grid(tallies: Sequence[Tally], pen: Pen) -> Grid:
    """Return why leads stopped, step by step."""
    head = (_("Stopped at"), _("Reason"), _("Leads"))
    found = drops(tallies)
    cells = pen.column([each.count for each in found])
    rows = [[_word(each.step), reason_words(each), cell] for each, cell in zip(found, cells, strict=True)]
    return grid(_("Where leads stop, and why"), head, rows)


def reason_words(drop: Drop) -> str:
    """Return "Closed: no response" for a reason that is stored as "closed:no_response"."""
    kind, _colon, reason = drop.reason.partition(":")
    return _(DROP_WORDS[kind]) % {"reason": reason.replace("_", " ")}


def _rates(whole: SegmentFunnel, pen: Pen) -> list[dict[str, str]]:
    return [
        {
            "name": _(each.name),
            "share": pen.share(each.percent, each.count, each.n) or pen.too_few(each.n),
            "basis": _("%(count)s of %(n)s: %(part)s of %(base)s")
            % {
                "count": pen.count(each.count),
                "n": pen.count(each.n),
                "part": _word(each.part).lower(),
                "base": _word(each.base).lower(),
            },
        }
        for each in rates(whole)
    ]


def _word(step: Step) -> str:
    return _(step_words()[step])


def _figure(count: int, percent: int | None, pen: Pen) -> str:
    share = pen.share(percent, count)
    return f"{pen.count(count)} ({share})" if share else pen.count(count)
