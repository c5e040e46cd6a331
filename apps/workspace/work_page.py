"""My work: the next lead to take, what is late, what is promised, what was asked of me."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.flows.reaching import channels_of, is_reachable
from apps.leads.models import Lead, Task
from apps.sla.queries import alerts_of
from apps.tenancy.actor import Actor
from apps.workspace import queries
from apps.workspace.consent_tiles import local_time
from apps.workspace.rows import next_reason, opens_later, rows_of
from apps.workspace.words import Wall, clock_name, contact_of, name_of, plain, shows_contact, span

CONSIDERED = 20
STRIP_HOURS = 2


@dataclass(frozen=True, slots=True)
class Work:
    """The page's parts, and which leads it shows."""

    parts: dict[str, Any]
    shown: list[Lead]


def work_of(actor: Actor, wall: Wall) -> Work:
    """Return what workspace/my_work.html wants, for one person, now."""
    mine = list(queries.my_leads(actor)[: queries.PAGE_SIZE])
    candidates = list(queries.next_leads(actor, wall.now)[:CONSIDERED]) if actor.may(Permission.LEAD_CLAIM) else []
    every = list({lead.id: lead for lead in (*candidates, *mine)}.values())
    reaches = channels_of(every, wall.now, wall.zone) if every else {}
    rows = dict(zip([lead.id for lead in every], rows_of(every, actor, wall, reaches), strict=True))
    first = next((lead for lead in candidates if is_reachable(reaches[lead.id])), None)
    late = [lead for lead in mine if lead.due_at is not None and lead.due_at <= wall.now]
    tasks = queries.my_tasks(actor, _end_of_day(wall))
    later = [(lead, opens_later(lead, reaches[lead.id], wall)) for lead in candidates if lead is not first]
    parts: dict[str, Any] = {
        "next_lead": _first(first, rows[first.id], wall.now) if first else None,
        "late": [rows[lead.id] for lead in late],
        "due": [rows[lead.id] for lead in mine if lead not in late],
        "callbacks": _callbacks(tasks, actor, wall),
        "strip": _strip(tasks, wall),
        "tasks": _tasks(tasks, actor, wall),
        "opens_later": [
            _item(lead, actor, sentence) for lead, sentence in later if sentence and not is_reachable(reaches[lead.id])
        ],
        "waiting": [],
        "requests": _alerts(actor, wall),
        "my_day": _numbers(actor, wall),
        "empty": _empty(wall, tasks),
    }
    return Work(parts, every)


def _first(lead: Lead, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    return row | {"reason": next_reason(lead, row, now), "initials": contact_of(lead).initials}


def _item(lead: Lead, actor: Actor, sentence: str) -> dict[str, Any]:
    return {"id": lead.id, "ref": lead.ref, "name": name_of(actor, contact_of(lead)), "sentence": sentence}


def _callbacks(tasks: Sequence[Task], actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    return [
        _item(task.lead, actor, "")
        | {"at": task.due_at, "at_label": wall.at(task.due_at), "their_time_label": _theirs(task, wall)}
        for task in _soon(tasks, wall)
    ]


def _theirs(task: Task, wall: Wall) -> str:
    return local_time(task.lead, Wall(task.due_at, wall.zone))


def _soon(tasks: Sequence[Task], wall: Wall) -> list[Task]:
    until = wall.now + timedelta(hours=STRIP_HOURS)
    return [task for task in tasks if task.channel == "call" and wall.now <= task.due_at <= until]


def _strip(tasks: Sequence[Task], wall: Wall) -> dict[str, Any] | None:
    """The next two hours as a line: a tick each half hour, a mark for each call that is due."""
    soon = _soon(tasks, wall)
    if not soon:
        return None
    whole = STRIP_HOURS * 3600
    ticks = [{"percent": place * 25, "label": wall.at(wall.now + timedelta(minutes=30 * place))} for place in range(5)]
    marks = [
        {
            "percent": round((task.due_at - wall.now).total_seconds() * 100 / whole),
            "ref": task.lead.ref,
            "label": task.lead.ref,
        }
        for task in soon
    ]
    return {"ticks": ticks, "marks": marks}


def _tasks(tasks: Sequence[Task], actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    return [
        {
            "id": task.lead_id,
            "ref": task.lead.ref,
            "sentence": task.title if shows_contact(actor) else plain(task.kind),
            "at": task.due_at,
            "at_label": wall.at(task.due_at),
            "is_late": task.due_at <= wall.now,
        }
        for task in tasks
    ]


def _alerts(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    if actor.membership_id is None:
        return []
    found = []
    newest = {alert.timer_id: alert for alert in reversed(alerts_of(actor.membership_id))}
    for alert in reversed(newest.values()):
        timer = alert.timer
        late = (wall.now - timer.due_at).total_seconds()
        how = _("late %(span)s") % {"span": span(late)} if late > 0 else _("due %(at)s") % {"at": wall.at(timer.due_at)}
        url = reverse("workspace:lead", args=[timer.lead_id])
        sentence = f"{clock_name(timer.kind)} {how}"
        found.append({"id": timer.lead_id, "ref": timer.lead.ref, "url": url, "sentence": sentence})
    return found


def _numbers(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    if actor.membership_id is None:
        return []
    day = wall.now.astimezone(ZoneInfo(wall.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    numbers = queries.my_numbers(actor, day)
    return [
        {"label": _("Contacts today"), "value": numbers["contacts"]},
        {"label": _("Reached"), "value": numbers["reached"]},
    ]


def _empty(wall: Wall, tasks: Sequence[Task]) -> dict[str, Any]:
    sentence = _("Next task %(at)s.") % {"at": wall.at(tasks[0].due_at)} if tasks else ""
    return {
        "title": _("Nothing to take right now"),
        "sentence": sentence,
        "icon": "tick",
        "url": reverse("workspace:queue"),
        "button": _("Look into the queue"),
    }


def _end_of_day(wall: Wall) -> datetime:
    local = wall.now.astimezone(ZoneInfo(wall.zone))
    return datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), ZoneInfo(wall.zone))
