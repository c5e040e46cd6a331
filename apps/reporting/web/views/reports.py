"""Reports: one bar of period and segments for all; each panel is a page, a part of a page, and a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.handoffs.queries import rules_of
from apps.leads.queries import stage_names
from apps.outreach.cadences import plans_in_force
from apps.reporting.annotations import annotations, strip
from apps.reporting.cadence_queries import cadence_tallies
from apps.reporting.credit_queries import credits_of
from apps.reporting.duplicate_queries import arrival_tallies
from apps.reporting.ending_queries import endings_tally
from apps.reporting.goals import has_visits
from apps.reporting.handoff_queries import handoff_figures
from apps.reporting.line_queries import line_tallies
from apps.reporting.marketing import figures_of
from apps.reporting.message_queries import message_tallies
from apps.reporting.process_queries import cycles
from apps.reporting.promise_queries import campaign_promises
from apps.reporting.quality_queries import goal_choices, quality_tables
from apps.reporting.queries import Wanted, funnel_tallies, segment_choices
from apps.reporting.route_queries import routes
from apps.reporting.score_queries import band_tallies
from apps.reporting.speed_queries import speed_facts
from apps.reporting.web.cadences_panel import cadences_grid, cadences_panel
from apps.reporting.web.credits_panel import credits_grid, credits_panel
from apps.reporting.web.cycle_panel import cycle_grid, cycle_panel
from apps.reporting.web.doors import REPORT_RIGHTS, file_of, pen_of, require
from apps.reporting.web.duplicates_panel import duplicates_grid, duplicates_panel
from apps.reporting.web.endings_panel import endings_grid, endings_panel
from apps.reporting.web.forms import SEGMENT_LABELS, ReportFilter, presets
from apps.reporting.web.funnel_panel import drops_grid, funnel_panel, segments_grid
from apps.reporting.web.grids import Pen, with_changes
from apps.reporting.web.handoffs_panel import handoffs_grid, handoffs_panel
from apps.reporting.web.lines_panel import lines_grid, lines_panel
from apps.reporting.web.marketing_panel import marketing_grid, marketing_panel
from apps.reporting.web.messages_panel import messages_grid, messages_panel
from apps.reporting.web.promise_panel import promise_panel, promises_grid
from apps.reporting.web.quality_panel import quality_grid, quality_panel
from apps.reporting.web.routes_panel import routes_grid, routes_panel
from apps.reporting.web.scores_panel import scores_grid, scores_panel
from apps.reporting.web.speed_panel import speed_grid, speed_panel
from apps.tenancy.organizations import current_organization
from apps.workspace.words import Wall
from leadcrm.http.scoping import ActorRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request wants, and for whom it is written."""

    form: ReportFilter
    wanted: Wanted
    pen: Pen

    @property
    def noted(self) -> dict[str, Any]:
        """What the ledger keeps of it: days and keys."""
        period = self.wanted.period
        segments = {str(each): key for each, key in self.wanted.chosen.items()}
        goal = {"goal": self.wanted.goal} if self.wanted.goal else {}
        return {"since": str(period.first), "until": str(period.last), "segments": segments, **goal}


@require_safe
def reports(request: ActorRequest) -> HttpResponse:
    """Show the bar and a place for each panel; the panels follow on their own, so that none waits for another."""
    asked = _asked(request)
    return _page(request, asked, {"panels": PANELS})


@require_safe
def panel(request: ActorRequest, name: str) -> HttpResponse:
    """Show one panel: its part alone to who asks for a part, else a page of its own."""
    asked = _asked(request)
    part = f"reporting/parts/{name}.html"
    made: dict[str, Any] = {
        name: PANELS[name](request, asked),
        "query": request.GET.urlencode(),
        "as_of": Wall(request.now, asked.wanted.period.zone).at(request.now),
        "part": part,
    }
    if request.headers.get("HX-Request"):
        return render(request, part, made)
    return _page(request, asked, made)


@require_safe
def funnel_csv(request: ActorRequest) -> HttpResponse:
    """Give the funnel as a file: all leads, then each segment; one that is too small names its size only."""
    asked = _asked(request)
    by = asked.form.segment
    tallies, visits = funnel_tallies(request.actor, asked.wanted, by), has_visits(asked.wanted.goal)
    table = segments_grid(tallies, SEGMENT_LABELS[by], asked.pen, visits=visits)
    table = with_changes(table, annotations(asked.wanted.period), asked.wanted.period)
    return file_of(request, "funnel", table, {**asked.noted, "by": str(by)})


@require_safe
def drops_csv(request: ActorRequest) -> HttpResponse:
    """Give the reasons why leads stop as a file."""
    asked = _asked(request)
    table = drops_grid(funnel_tallies(request.actor, asked.wanted, asked.form.segment), asked.pen)
    return file_of(request, "drops", table, asked.noted)


@require_safe
def speed_csv(request: ActorRequest) -> HttpResponse:
    """Give the speed of first contact as a file."""
    asked = _asked(request)
    table = speed_grid(speed_facts(request.actor, asked.wanted, request.now), asked.pen)
    table = with_changes(table, annotations(asked.wanted.period), asked.wanted.period)
    return file_of(request, "speed", table, asked.noted)


@require_safe
def cadences_csv(request: ActorRequest) -> HttpResponse:
    """Give what came of cadences as a file, a row for each step."""
    asked = _asked(request)
    found = cadence_tallies(request.actor, asked.wanted)
    return file_of(request, "cadences", cadences_grid(found, _cadence_names(request.now), asked.pen), asked.noted)


@require_safe
def duplicates_csv(request: ActorRequest) -> HttpResponse:
    """Give the share of duplicates by source, campaign and partner as a file."""
    asked = _asked(request)
    table = duplicates_grid(arrival_tallies(request.actor, asked.wanted), asked.pen)
    return file_of(request, "duplicates", table, asked.noted)


@require_safe
def promises_csv(request: ActorRequest) -> HttpResponse:
    """Give what campaigns promise and what their leads ask for as a file."""
    asked = _asked(request)
    found = campaign_promises(request.actor, asked.wanted)
    return file_of(request, "promises", promises_grid(found, asked.pen), asked.noted)


@require_safe
def endings_csv(request: ActorRequest) -> HttpResponse:
    """Give how leads ended as a file."""
    asked = _asked(request)
    return file_of(request, "endings", endings_grid(endings_tally(request.actor, asked.wanted), asked.pen), asked.noted)


@require_safe
def cycle_csv(request: ActorRequest) -> HttpResponse:
    """Give how long processes take as a file."""
    asked = _asked(request)
    table = cycle_grid(cycles(request.actor, asked.wanted, request.now), asked.pen)
    return file_of(request, "cycle", table, asked.noted)


@require_safe
def lines_csv(request: ActorRequest) -> HttpResponse:
    """Give the calls by number as a file."""
    asked = _asked(request)
    return file_of(request, "calls", lines_grid(line_tallies(request.actor, asked.wanted), asked.pen), asked.noted)


@require_safe
def scores_csv(request: ActorRequest) -> HttpResponse:
    """Give what the bands of scores came to as a file."""
    asked = _asked(request)
    return file_of(request, "scores", scores_grid(band_tallies(request.actor, asked.wanted), asked.pen), asked.noted)


@require_safe
def routes_csv(request: ActorRequest) -> HttpResponse:
    """Give how each route does as a file."""
    asked = _asked(request)
    return file_of(request, "routes", routes_grid(routes(request.actor, asked.wanted), asked.pen), asked.noted)


@require_safe
def handoffs_csv(request: ActorRequest) -> HttpResponse:
    """Give the changes of team by cause as a file."""
    asked = _asked(request)
    found = handoff_figures(request.actor, asked.wanted, request.now)
    return file_of(request, "handoffs", handoffs_grid(found, _causes(request.now), asked.pen), asked.noted)


@require_safe
def outreach_csv(request: ActorRequest) -> HttpResponse:
    """Give what messages came to, template by template, as a file."""
    asked = _asked(request)
    table = messages_grid(message_tallies(request.actor, asked.wanted), asked.pen)
    return file_of(request, "outreach", table, asked.noted)


@require_safe
def credits_csv(request: ActorRequest) -> HttpResponse:
    """Give what teams are credited for as a file."""
    asked = _asked(request)
    table = credits_grid(credits_of(request.actor, asked.wanted), asked.pen)
    return file_of(request, "credits", table, asked.noted)


@require_safe
def marketing_csv(request: ActorRequest) -> HttpResponse:
    """Give the figures of marketing as a file, read as the role of the database that can read nothing else."""
    asked = _asked(request)
    return file_of(request, "marketing", marketing_grid(figures_of(asked.wanted), asked.pen), asked.noted)


@require_safe
def quality_csv(request: ActorRequest) -> HttpResponse:
    """Give the quality of each segment as a file, goal by goal, early or late."""
    asked = _asked(request)
    by, maturity = asked.form.segment, asked.form.maturity
    found = quality_tables(request.actor, asked.wanted, by, maturity, request.now)
    table = quality_grid(found, SEGMENT_LABELS[by], asked.pen)
    return file_of(request, "quality", table, {**asked.noted, "by": str(by), "quality": str(maturity)})


def _funnel(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    by = asked.form.segment
    tallies, visits = funnel_tallies(request.actor, asked.wanted, by), has_visits(asked.wanted.goal)
    shown = funnel_panel(tallies, SEGMENT_LABELS[by], asked.pen, visits=visits)
    return {**shown, **_changed(asked)}


def _speed(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return {**speed_panel(speed_facts(request.actor, asked.wanted, request.now), asked.pen), **_changed(asked)}


def _changed(asked: Asked) -> dict[str, Any]:
    """Return what changed in the period, to stand beside a chart."""
    period = asked.wanted.period
    return {"changes": strip(annotations(period), period), "period": period}


def _duplicates(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return duplicates_panel(arrival_tallies(request.actor, asked.wanted), asked.pen)


def _promises(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return promise_panel(campaign_promises(request.actor, asked.wanted), asked.pen)


def _endings(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return endings_panel(endings_tally(request.actor, asked.wanted), asked.pen)


def _cycle(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return cycle_panel(cycles(request.actor, asked.wanted, request.now), asked.pen)


def _lines(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return lines_panel(line_tallies(request.actor, asked.wanted), asked.pen)


def _scores(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return scores_panel(band_tallies(request.actor, asked.wanted), asked.pen)


def _quality(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    by, maturity = asked.form.segment, asked.form.maturity
    found = quality_tables(request.actor, asked.wanted, by, maturity, request.now)
    return quality_panel(found, SEGMENT_LABELS[by], maturity, asked.pen)


def _routes(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return routes_panel(routes(request.actor, asked.wanted), asked.pen)


def _handoffs(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    found = handoff_figures(request.actor, asked.wanted, request.now)
    return handoffs_panel(found, _causes(request.now), asked.pen)


def _causes(now: datetime) -> dict[str, str]:
    """Return the names of stages and of handoff types by key."""
    return {**stage_names(), **{key: each.name for key, each in rules_of(now).types.items()}}


def _messages(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return messages_panel(message_tallies(request.actor, asked.wanted), asked.pen)


def _credits(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return credits_panel(credits_of(request.actor, asked.wanted), asked.pen)


def _marketing(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return marketing_panel(figures_of(asked.wanted), asked.pen)


def _cadences(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    return cadences_panel(cadence_tallies(request.actor, asked.wanted), _cadence_names(request.now), asked.pen)


def _cadence_names(now: datetime) -> dict[str, str]:
    return {each.id: each.name for each in plans_in_force(now)[0].cadences}


PANELS: dict[str, Callable[[ActorRequest, Asked], dict[str, Any]]] = {
    "funnel": _funnel,
    "speed": _speed,
    "duplicates": _duplicates,
    "cycle": _cycle,
    "endings": _endings,
    "promises": _promises,
    "lines": _lines,
    "quality": _quality,
    "scores": _scores,
    "routes": _routes,
    "handoffs": _handoffs,
    "outreach": _messages,
    "credits": _credits,
    "marketing": _marketing,
    "cadences": _cadences,
}


def _asked(request: ActorRequest) -> Asked:
    require(request.actor, REPORT_RIGHTS, "report")
    zone = current_organization().zone
    today = request.now.astimezone(ZoneInfo(zone)).date()
    form = ReportFilter(request.GET, choices=segment_choices(), today=today, goals=goal_choices())
    return Asked(form, form.wanted(zone), pen_of(request.actor))


def _page(request: ActorRequest, asked: Asked, more: dict[str, Any]) -> HttpResponse:
    context = {
        "form": asked.form,
        "period": asked.wanted.period,
        "query": request.GET.urlencode(),
        "presets": presets(request.GET, asked.form.today, asked.wanted.period),
        **more,
    }
    return render(request, "reporting/reports.html", context, status=200 if asked.form.is_valid() else 422)
