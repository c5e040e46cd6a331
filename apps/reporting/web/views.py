"""Board, reports and downloads: read, shown or written as a file; nothing is changed but the ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.reporting.board import Board, board_of
from apps.reporting.csv_file import csv_text
from apps.reporting.decisions import by_need, funnel, funnels, speed
from apps.reporting.queries import Wanted, funnel_tallies, segment_choices, speed_facts
from apps.reporting.terms import STEP_WORDS, Segment, Step
from apps.reporting.web.forms import SEGMENT_LABELS, ReportFilter
from apps.reporting.web.showing import (
    availability_word,
    board_parts,
    funnel_parts,
    speed_lines,
    speed_parts,
    too_few,
    waits_label,
)
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound, Refused
from apps.tenancy.organizations import current_organization
from apps.workspace.words import Wall
from leadcrm.http.scoping import ActorRequest

BOARD_RIGHTS = (Permission.REPORT_READ, Permission.LEAD_VIEW_ALL)
REPORT_RIGHTS = (Permission.REPORT_READ,)


@require_safe
def board(request: ActorRequest) -> HttpResponse:
    """Show how queues and people stand now. It shows no lead, so no read is noted."""
    wall, found = _board(request)
    return render(request, "reporting/board.html", board_parts(found, wall))


@require_safe
def reports(request: ActorRequest) -> HttpResponse:
    """Show the funnel and the speed of first contact; period and segments stand in the address."""
    form, wanted = _asked(request)
    tallies = funnel_tallies(request.actor, wanted, form.segment)
    facts = speed_facts(request.actor, wanted, request.now)
    wall = Wall(request.now, wanted.period.zone)
    context = {
        "form": form,
        "period": wanted.period,
        "query": request.GET.urlencode(),
        "as_of": wall.at(request.now),
        "funnel": funnel_parts(tallies, SEGMENT_LABELS[form.segment]),
        "speed": speed_parts(facts),
    }
    return render(request, "reporting/reports.html", context, status=200 if form.is_valid() else 422)


@require_safe
def funnel_csv(request: ActorRequest) -> HttpResponse:
    """Give the funnel as a file: all leads, then each segment; one that is too small names its size only."""
    form, wanted = _asked(request)
    tallies = funnel_tallies(request.actor, wanted, form.segment)
    steps = [str(STEP_WORDS[step]) for step in Step]
    rows = [
        [
            each.segment,
            *([step.count for step in each.steps] if each.is_enough else [too_few(each.n), *[""] * (len(steps) - 1)]),
        ]
        for each in [funnel(_("All"), tallies), *funnels(tallies)]
    ]
    return _file(request, "funnel", [str(SEGMENT_LABELS[form.segment]), *steps], rows, wanted, form.segment)


@require_safe
def speed_csv(request: ActorRequest) -> HttpResponse:
    """Give the speed of first contact as a file."""
    _form, wanted = _asked(request)
    lines = speed_lines(speed(speed_facts(request.actor, wanted, request.now)))
    return _file(request, "speed", [_("Measure"), _("Value")], lines, wanted)


@require_safe
def queues_csv(request: ActorRequest) -> HttpResponse:
    """Give the queues as they stand now as a file."""
    wall, found = _board(request)
    head = ["Queue", "Team", "Open", "Unassigned", "Oldest wait", "Late", "At risk", "Arrivals last hour"]
    rows = [
        [
            each.name,
            each.team,
            each.open,
            each.unassigned,
            waits_label(each, wall.now),
            each.late,
            each.at_risk,
            each.arrivals,
            each.unanswered,
            each.never_attempted,
        ]
        for each in by_need(found.queues, wall.now)
    ]
    return _file(request, "queues", [*head, "Never reached", "Never attempted"], rows)


@require_safe
def people_csv(request: ActorRequest) -> HttpResponse:
    """Give what each person carries now as a file."""
    _wall, found = _board(request)
    rows = [
        [each.name, ", ".join(each.teams), each.open, each.due, availability_word(each.availability), each.cap]
        for each in found.people
    ]
    return _file(request, "people", ["Person", "Teams", "Open", "Due today", "Availability", "Capacity"], rows)


def _board(request: ActorRequest) -> tuple[Wall, Board]:
    _require(request.actor, BOARD_RIGHTS, "board")
    zone = current_organization().zone
    today = request.now.astimezone(ZoneInfo(zone)).date()
    until = datetime.combine(today + timedelta(days=1), time.min, ZoneInfo(zone))
    return Wall(request.now, zone), board_of(request.actor, request.now, until)


def _asked(request: ActorRequest) -> tuple[ReportFilter, Wanted]:
    _require(request.actor, REPORT_RIGHTS, "report")
    zone = current_organization().zone
    today = request.now.astimezone(ZoneInfo(zone)).date()
    form = ReportFilter(request.GET, choices=segment_choices(), today=today)
    return form, form.wanted(zone)


def _require(actor: Actor, rights: Sequence[str], what: str) -> None:
    """Raise NotFound for who has no business with leads, Refused with a sentence for a colleague."""
    if actor.is_agency or not (actor.may(Permission.LEAD_VIEW) or any(actor.may(right) for right in rights)):
        raise NotFound
    if not any(actor.may(right) for right in rights):
        sentence = _("Your role reads no figures of other teams. Ask your team's lead for them.")
        raise Refused(sentence, action=f"{what}.view", object_type="report")


def _file(
    request: ActorRequest,
    name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    wanted: Wanted | None = None,
    segment: Segment | None = None,
) -> HttpResponse:
    """Return a file, and note in the ledger which figures left the product."""
    lines = list(rows)
    detail = {"report": name, "rows": len(lines)}
    if wanted is not None:
        chosen = {str(each): key for each, key in wanted.chosen.items()}
        detail |= {"since": str(wanted.period.first), "until": str(wanted.period.last), "segments": chosen}
    if segment is not None:
        detail["by"] = str(segment)
    ledger.record(
        actor=request.actor, action="report.export", object_type="report", object_id=None, fields=[], detail=detail
    )
    response = HttpResponse(csv_text(head, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{request.now:%Y-%m-%d}.csv"'
    return response
