"""Figures as the templates show them: words, pictures with their tables, and a sentence where data is thin."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.terms import Availability
from apps.reporting.board import Board
from apps.reporting.decisions import alarms, by_need, funnel, funnels, percent, speed, waits_seconds
from apps.reporting.pictures import ROW, curve_picture, funnel_bars
from apps.reporting.terms import (
    ENOUGH,
    FUNNEL_MEANING,
    SPEED_MEANING,
    STEP_MEANINGS,
    STEP_WORDS,
    TARGET_MEANING,
    Alarm,
    AlarmKind,
    Load,
    QueueHealth,
    Speed,
    SpeedFacts,
    Step,
    Tally,
)
from apps.workspace.words import Wall, span

AVAILABILITY_WORDS = {
    Availability.AVAILABLE: "Available",
    Availability.ON_CALL: "On call",
    Availability.WRAP_UP: "Wrap-up",
    Availability.BREAK: "Break",
    Availability.AWAY: "Away",
}
CAPACITY_WIDTH = 96
MINUTE = 60


def too_few(n: int) -> str:
    """Return the sentence that stands where figures would mislead."""
    return _("Not enough data (n = %(n)d)") % {"n": n}


def lasted(seconds: float | None) -> str:
    """Return a measured time: "6 min 10 s" below an hour, then as the pages tell spans."""
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


def waits_label(queue: QueueHealth, now: datetime) -> str:
    """Return how long the queue's oldest unassigned lead waits."""
    waits = waits_seconds(queue, now)
    return _("none") if waits is None else span(waits)


def availability_word(availability: str) -> str:
    """Return a person's availability in words."""
    return _(AVAILABILITY_WORDS[Availability(availability)])


def funnel_parts(tallies: Sequence[Tally], label: Any) -> dict[str, Any]:
    """Return the funnel of all leads with its picture, and one line per segment."""
    whole = funnel(_("All"), tallies)
    words = {step: _(word) for step, word in STEP_WORDS.items()}
    return {
        "n": whole.n,
        "too_few": "" if whole.is_enough else too_few(whole.n),
        "bars": funnel_bars(whole, words) if whole.is_enough else [],
        "height": len(whole.steps) * ROW + 4,
        "steps": [
            {
                "label": words[each.step],
                "count": each.count,
                "of_all": _share(each.of_all),
                "of_previous": _share(each.of_previous),
                "meaning": _(STEP_MEANINGS[each.step]),
            }
            for each in whole.steps
        ],
        "segment_label": label,
        "step_labels": [words[step] for step in Step],
        "segments": [
            {
                "name": each.segment,
                "too_few": "" if each.is_enough else too_few(each.n),
                "cells": [{"count": step.count, "of_all": _share(step.of_all)} for step in each.steps],
            }
            for each in funnels(tallies)
        ],
        "meaning": _(FUNNEL_MEANING),
    }


def speed_parts(facts: SpeedFacts) -> dict[str, Any]:
    """Return the speed of first contact with its picture."""
    found = speed(facts)
    picture = None
    if found.is_enough and found.p50 is not None and found.p90 is not None:
        marks = [(found.p50, f"p50 {lasted(found.p50)}"), (found.p90, f"p90 {lasted(found.p90)}")]
        limit = found.target_seconds
        line = (limit, _("SLA %(time)s") % {"time": threshold_word(limit)}) if limit else None
        picture = curve_picture(tuple(sorted(facts.human_seconds)), marks, line)
    return {
        "leads": found.leads,
        "reached": found.reached,
        "too_few": "" if found.is_enough else too_few(found.reached),
        "picture": picture,
        "lines": speed_lines(found),
        "meaning": _(SPEED_MEANING),
        "target_meaning": _(TARGET_MEANING),
    }


def speed_lines(found: Speed) -> list[tuple[str, str]]:
    """Return the table under the curve, which is also the file."""
    lines = [(_("Valid leads"), str(found.leads)), (_("Reached by a person"), str(found.reached))]
    if not found.is_enough:
        return [*lines, (_("Time to first contact"), too_few(found.reached))]
    lines += [
        (_("First contact, p50"), lasted(found.p50)),
        (_("First contact, p90"), lasted(found.p90)),
        (_("Acknowledged"), str(found.ack_count)),
        (_("Acknowledgement, p50"), _enough(found.ack_count, lasted(found.ack_p50))),
        (_("Acknowledgement, p90"), _enough(found.ack_count, lasted(found.ack_p90))),
        (_("Clocks judged"), str(found.judged)),
        (_("Within target"), _enough(found.judged, _share(found.within_percent))),
    ]
    if found.target_seconds:
        lines.append((_("Most frequent target (the line)"), threshold_word(found.target_seconds)))
    return lines + [
        (
            _("Reached within %(time)s") % {"time": threshold_word(point.seconds)},
            f"{point.count} ({_share(point.percent)})",
        )
        for point in found.points
    ]


def board_parts(board: Board, wall: Wall) -> dict[str, Any]:
    """Return the board: what to decide about, the queues that hold or got something, the people."""
    ordered = by_need(board.queues, wall.now)
    busy = [each for each in ordered if each.open or each.arrivals]
    return {
        "alarms": [_alarm(each) for each in alarms(ordered, wall.now)],
        "queues": [_queue(each, wall.now) for each in busy],
        "quiet": ", ".join(each.name for each in ordered if each not in busy),
        "people": [_person(each) for each in board.people],
        "as_of": f"{wall.at(wall.now)}",
    }


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
    else:
        sentence = ngettext("%(queue)s: %(n)d lead is late.", "%(queue)s: %(n)d leads are late.", alarm.number)
    return {"sentence": sentence % names, "url": _queue_url(alarm.queue)}


def _queue(queue: QueueHealth, now: datetime) -> dict[str, Any]:
    waits = waits_seconds(queue, now) or 0
    never = percent(queue.never_attempted, queue.open)
    return {
        "name": queue.name,
        "team": queue.team,
        "url": _queue_url(queue),
        "is_over": waits > queue.max_wait_seconds,
        "late": queue.late,
        "figures": _figures(
            (_("Open"), queue.open),
            (_("Unassigned"), queue.unassigned),
            (_("Oldest wait"), waits_label(queue, now)),
            (_("Late"), queue.late),
            (_("At risk"), queue.at_risk),
            (_("Arrived, last hour"), queue.arrivals),
            (_("Never reached"), queue.unanswered),
            (_("Never attempted"), f"{queue.never_attempted} ({_share(never)})" if queue.open else "0"),
        ),
    }


def _figures(*pairs: tuple[str, object]) -> Iterable[dict[str, object]]:
    return [{"label": label, "value": value} for label, value in pairs]


def _person(load: Load) -> dict[str, Any]:
    share = percent(load.open, load.cap)
    return {
        "name": load.name,
        "teams": ", ".join(load.teams),
        "open": load.open,
        "due": load.due,
        "availability": availability_word(load.availability),
        "is_available": load.availability == Availability.AVAILABLE,
        "is_full": load.open >= load.cap,
        "capacity": _("%(open)d of %(cap)d") % {"open": load.open, "cap": load.cap},
        "width": min(CAPACITY_WIDTH, round(CAPACITY_WIDTH * (100 if share is None else share) / 100)),
    }


def _queue_url(queue: QueueHealth) -> str:
    return f"{reverse('workspace:queue')}?{urlencode({'queue': queue.key})}"


def _enough(n: int, figure: str) -> str:
    return figure if n >= ENOUGH else too_few(n)


def _share(value: int | None) -> str:
    return "" if value is None else f"{value} %"
