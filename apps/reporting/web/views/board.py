"""The board: how queues and people stand now. It names no person of a lead, so no read is noted."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.reporting.board import Board, board_of
from apps.reporting.web.board_panels import board_parts, heat_grid, people_grid, queues_grid
from apps.reporting.web.doors import BOARD_RIGHTS, file_of, require
from apps.reporting.web.exception_panel import causes_grid, exceptions_grid, exceptions_part
from apps.reporting.web.stuck_panel import stuck_part
from apps.tenancy.organizations import current_organization
from apps.workspace.words import Wall
from leadcrm.http.scoping import ActorRequest


@require_safe
def board(request: ActorRequest) -> HttpResponse:
    """Show what to decide about, the queues, the hours, and what people carry."""
    wall, found = _board(request)
    beside = {"exceptions": exceptions_part(request.actor, wall), "stuck": stuck_part(request.actor, wall)}
    return render(request, "reporting/board.html", board_parts(found, wall, request.actor) | beside)


@require_safe
def queues_csv(request: ActorRequest) -> HttpResponse:
    """Give the queues as they stand now as a file."""
    wall, found = _board(request)
    return file_of(request, "queues", queues_grid(found, wall))


@require_safe
def hours_csv(request: ActorRequest) -> HttpResponse:
    """Give what is due in which hour as a file."""
    wall, found = _board(request)
    return file_of(request, "hours", heat_grid(found, wall))


@require_safe
def people_csv(request: ActorRequest) -> HttpResponse:
    """Give what each person carries now as a file."""
    _wall, found = _board(request)
    return file_of(request, "people", people_grid(found))


@require_safe
def exceptions_csv(request: ActorRequest) -> HttpResponse:
    """Give volume and age of the open exceptions by cause as a file (row EX-13)."""
    wall, _found = _board(request)
    return file_of(request, "exceptions", exceptions_grid(request.actor, wall))


@require_safe
def causes_csv(request: ActorRequest) -> HttpResponse:
    """Give what was opened on each of the last 14 days by type as a file."""
    wall, _found = _board(request)
    return file_of(request, "causes", causes_grid(request.actor, wall))


def _board(request: ActorRequest) -> tuple[Wall, Board]:
    require(request.actor, BOARD_RIGHTS, "board")
    zone = current_organization().zone
    today = request.now.astimezone(ZoneInfo(zone)).date()
    until = datetime.combine(today + timedelta(days=1), time.min, ZoneInfo(zone))
    return Wall(request.now, zone), board_of(request.actor, request.now, until)
