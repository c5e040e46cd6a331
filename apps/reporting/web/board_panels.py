"""The board as pages and files show it: alarms, queues, the heat of the next hours, people; words and tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.terms import TAKES_LEADS, Availability, Permission
from apps.reporting.board import Board, seconds_per_lead
from apps.reporting.board_terms import Alarm, AlarmKind, Load, QueueHealth, TeamTotal
from apps.reporting.decisions import alarms, by_need, heat_level, percent, waits_seconds
from apps.reporting.reassigning import QUEUE
from apps.reporting.terms import ENOUGH
from apps.reporting.web.grids import Grid, Pen, grid
from apps.tenancy.actor import Actor
from apps.workspace.queries import DUE_HOUR
from apps.workspace.words import Wall, span

AVAILABILITY_WORDS = {
    Availability.AVAILABLE: "Available",
    Availability.ON_CALL: "On call",
    Availability.WRAP_UP: "Wrap-up",
    Availability.BREAK: "Break",
    Availability.AWAY: "Away",
}
CAPACITY_WIDTH = 96
#: The heat map in its own units: the width of a queue's name and of an hour, and the height of a row.
HEAT_NAME, HEAT_COLUMN, HEAT_ROW = 220, 72, 34
_PEN = Pen()


def board_parts(board: Board, wall: Wall, actor: Actor) -> dict[str, Any]:
    """Return the board: what to decide about, the queues that hold or got something, the people."""
    ordered = by_need(board.queues, wall.now)
    busy = [each for each in ordered if each.open or each.arrivals or each.handled]
    may_reassign = actor.may(Permission.LEAD_TRANSFER)
    return {
        "alarms": [_alarm(each) for each in alarms(ordered, wall.now, seconds_per_lead=seconds_per_lead())],
        "queues": [_queue(each, wall.now, may_reassign) for each in busy],
        "quiet": ", ".join(each.name for each in ordered if each not in busy),
        "hours": [wall.at(each) for each in board.hours],
        "heat": (heat := [_heat(each, board.hours) for each in busy]),
        "picture": heat_picture(heat, [wall.at(each) for each in board.hours]),
        "summary": _summary(ordered),
        "never": _never(ordered),
        "people": [_person(each, may_reassign) for each in board.people],
        "others": [_total(each) for each in board.others],
        "may_reassign": may_reassign,
        "as_of": wall.at(wall.now),
    }


def queues_grid(board: Board, wall: Wall) -> Grid:
    """Return the queues that the cards show, as a table."""
    rows = []
    head: list[str] = []
    for each in by_need(board.queues, wall.now):
        figures = queue_figures(each, wall.now)
        head = [_("Queue"), _("Team"), *(label for label, _value in figures)]
        rows.append([each.name, each.team, *(value for _label, value in figures)])
    return grid(_("Queues"), head or [_("Queue"), _("Team")], rows)


def heat_grid(board: Board, wall: Wall) -> Grid:
    """Return the heat map as a table."""
    head = [_("Queue"), _("Late"), *(wall.at(each) for each in board.hours)]
    busy = [each for each in by_need(board.queues, wall.now) if each.open]
    return grid(_("Due by hour"), head, [[each.name, each.late, *each.due_by_hour] for each in busy])


def people_grid(board: Board) -> Grid:
    """Return what people carry as a table."""
    head = (_("Person"), _("Teams"), _("Open"), _("Due today"), _("Availability"), _("Capacity"))
    rows = [
        [each.name, ", ".join(each.teams), each.open, each.due, availability_word(each.availability), each.cap]
        for each in board.people
    ]
    return grid(_("People"), head, rows)


def queue_figures(queue: QueueHealth, now: datetime) -> list[tuple[str, str]]:
    """Return a queue's figures by name: those of its card and of the file."""
    never, on_time = percent(queue.never_attempted, queue.open), percent(queue.within, queue.judged)
    waits = waits_seconds(queue, now)
    share = _PEN.share(on_time) if queue.judged >= ENOUGH else f"{queue.within} / {queue.judged}"
    return [
        (_("Open"), str(queue.open)),
        (_("Unassigned"), str(queue.unassigned)),
        (_("Oldest wait"), _("none") if waits is None else span(waits)),
        (_("Late"), str(queue.late)),
        (_("At risk"), str(queue.at_risk)),
        (_("Arrived, last hour"), str(queue.arrivals)),
        (_("Handled, last hour"), str(queue.handled)),
        (_("First contact on time"), share if queue.judged else _("none due")),
        (_("Never reached"), str(queue.unanswered)),
        (_("Never attempted"), f"{queue.never_attempted} ({_PEN.share(never)})" if queue.open else "0"),
    ]


def availability_word(availability: str) -> str:
    """Return a person's availability in words."""
    return _(AVAILABILITY_WORDS[Availability(availability)])


def _summary(queues: list[QueueHealth]) -> str:
    figures = {
        "open": sum(each.open for each in queues),
        "late": sum(each.late for each in queues),
        "unassigned": sum(each.unassigned for each in queues),
        "soon": sum(sum(each.due_by_hour[:1]) for each in queues),
    }
    return (
        ngettext(
            "%(open)d open lead: %(late)d late, %(soon)d due within this hour, %(unassigned)d without an owner.",
            "%(open)d open leads: %(late)d late, %(soon)d due within this hour, %(unassigned)d without an owner.",
            figures["open"],
        )
        % figures
    )


def _never(queues: list[QueueHealth]) -> str:
    """Return "3 of 90 never attempted" (row TK-11); "" where nothing is open."""
    never, n = sum(each.never_attempted for each in queues), sum(each.open for each in queues)
    return _("%(never)d of %(n)d never attempted") % {"never": never, "n": n} if n else ""


def _alarm(alarm: Alarm) -> dict[str, str]:
    names = {"queue": alarm.queue.name, "team": alarm.queue.team, "n": alarm.number}
    if alarm.kind is AlarmKind.NOBODY_AVAILABLE:
        sentence = ngettext(
            "%(queue)s: nobody of %(team)s is available, and %(n)d lead waits for an owner.",
            "%(queue)s: nobody of %(team)s is available, and %(n)d leads wait for an owner.",
            alarm.number,
        )
    elif alarm.kind is AlarmKind.WAITS_TOO_LONG:
        names |= {"time": span(alarm.number), "limit": span(alarm.queue.max_wait_seconds)}
        sentence = _("%(queue)s: the oldest unassigned lead waits %(time)s; the limit is %(limit)s.")
    elif alarm.kind is AlarmKind.UNDERSTAFFED:
        each = seconds_per_lead()
        names |= {
            "came": alarm.queue.arrivals,
            "people": alarm.queue.available,
            "able": alarm.queue.available * 3600 // each,
            "target": span(alarm.queue.target_seconds),
        }
        sentence = _(
            "%(queue)s: %(came)d leads came in the last hour; %(people)d available handle %(able)d. At this pace"
            " %(n)d%% are answered within the target of %(target)s. Call people in, or let the queue overflow."
        )
    elif alarm.kind is AlarmKind.ABOUT_TO_FAIL:
        sentence = _("%(queue)s: the clocks of %(n)d leads are about to run out.")
    else:
        sentence = ngettext("%(queue)s: %(n)d lead is late.", "%(queue)s: %(n)d leads are late.", alarm.number)
    return {"sentence": sentence % names, "url": _queue_url(alarm.queue), "key": alarm.queue.key}


def _queue(queue: QueueHealth, now: datetime, may_reassign: bool) -> dict[str, Any]:
    waits = waits_seconds(queue, now) or 0
    return {
        "name": queue.name,
        "team": queue.team,
        "url": _queue_url(queue),
        "reassign_url": _reassign_url(f"{QUEUE} {queue.key}") if may_reassign and queue.unassigned else "",
        "is_over": waits > queue.max_wait_seconds,
        "late": queue.late,
        "figures": [{"label": label, "value": value} for label, value in queue_figures(queue, now)],
    }


def _heat(queue: QueueHealth, hours: Sequence[datetime]) -> dict[str, Any]:
    counts = [queue.late, *queue.due_by_hour]
    urls = [_queue_url(queue, view="late")]
    urls += [_queue_url(queue, due=each.astimezone(UTC).strftime(DUE_HOUR)) for each in hours]
    counts += [0] * (len(urls) - len(counts))
    cells = [{"count": count, "level": heat_level(count), "url": url} for count, url in zip(counts, urls, strict=True)]
    return {"name": queue.name, "cells": cells}


def heat_picture(heat: Sequence[dict[str, Any]], labels: Sequence[str]) -> dict[str, Any]:
    """Return the heat map as a drawing: a rectangle with its number for each queue and hour, and where both stand."""
    heads = [_("Late"), *labels]
    columns = [HEAT_NAME + at * HEAT_COLUMN for at in range(len(heads))]
    return {
        "width": HEAT_NAME + len(heads) * HEAT_COLUMN,
        "height": (len(heat) + 1) * HEAT_ROW,
        "heads": [{"x": x + HEAT_COLUMN // 2, "label": label} for x, label in zip(columns, heads, strict=True)],
        "rows": [
            {
                "name": row["name"],
                "y": (at + 1) * HEAT_ROW,
                "text_y": (at + 1) * HEAT_ROW + HEAT_ROW * 5 // 8,
                "cells": [
                    cell | {"x": x, "text_x": x + HEAT_COLUMN // 2, "is_late": x == columns[0], "head": head}
                    for cell, x, head in zip(row["cells"], columns, heads, strict=True)
                ],
            }
            for at, row in enumerate(heat)
        ],
    }


def _total(total: TeamTotal) -> dict[str, Any]:
    return {"team": total.team, "open": total.open, "unassigned": total.unassigned, "late": total.late}


def _person(load: Load, may_reassign: bool) -> dict[str, Any]:
    share = percent(load.open, load.cap)
    return {
        "name": load.name,
        "gives": _gives(load) if may_reassign and load.open else [],
        "teams": ", ".join(load.teams),
        "open": load.open,
        "due": load.due,
        "availability": availability_word(load.availability),
        "is_available": load.availability in TAKES_LEADS,
        "is_full": load.open >= load.cap,
        "capacity": _("%(open)d of %(cap)d") % {"open": load.open, "cap": load.cap},
        "width": min(CAPACITY_WIDTH, round(CAPACITY_WIDTH * (100 if share is None else share) / 100)),
    }


def _gives(load: Load) -> list[dict[str, str]]:
    """Return the ways to give a person's leads out: one for each team, named where there are several."""
    names = load.teams if len(load.teams) > 1 else ("",)
    return [{"url": _reassign_url(origin), "team": team} for origin, team in zip(load.origins, names, strict=True)]


def _reassign_url(origin: str) -> str:
    return f"{reverse('reporting:reassign')}?{urlencode({'origin': origin})}"


def _queue_url(queue: QueueHealth, **more: str) -> str:
    return f"{reverse('workspace:queue')}?{urlencode({'queue': queue.key, **more})}"
