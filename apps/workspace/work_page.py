"""My work: the next lead to take, what is late, what is promised, what was asked of me."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup, Permission
from apps.flows.leasing import takeable_leads
from apps.flows.reaching import is_reachable
from apps.handoffs.queries import around
from apps.leads.models import Lead, Task
from apps.leads.queries import unseen_repeats
from apps.leads.terms import SIDE_TASKS
from apps.sla.queries import alerts_of
from apps.sla.terms import HANDOFF
from apps.tenancy.actor import Actor
from apps.workspace import queries
from apps.workspace.chat_tasks import chat_calls
from apps.workspace.consent_tiles import local_time
from apps.workspace.figures import Day, label, my_day
from apps.workspace.handoff_page import head_of
from apps.workspace.pictures import STRIP_HOURS, strip_of
from apps.workspace.rows import next_reason, opens_later, reaches_now, rows_of
from apps.workspace.telephone import inbound_calls
from apps.workspace.words import Wall, clock_title, contact_of, name_of, plain, shows_contact, span

CONSIDERED = 20


@dataclass(frozen=True, slots=True)
class Work:
    """The page's parts, and which leads it shows."""

    parts: dict[str, Any]
    shown: list[Lead]


def work_of(actor: Actor, wall: Wall) -> Work:
    """Return what workspace/my_work.html wants, for one person, now."""
    mine, offered = _leads(actor, wall)
    every = list({lead.id: lead for lead in (*offered, *mine)}.values())
    reaches = reaches_now(every, wall)
    rows = dict(zip([lead.id for lead in every], rows_of(every, actor, wall, reaches), strict=True))
    first = next((lead for lead in offered if is_reachable(reaches[lead.id])), None)
    late = [lead for lead in mine if lead.due_at is not None and lead.due_at <= wall.now]
    waiting = [lead for lead in mine if lead not in late and _waits(lead, wall)]
    tasks = queries.my_tasks(actor, _end_of_day(wall))
    own = [task for task in tasks if task.kind not in SIDE_TASKS]
    later = [(lead, opens_later(lead, reaches[lead.id], wall)) for lead in offered if lead is not first]
    day = my_day(actor, _start_of_day(wall), wall.now) if actor.membership_id else None
    parts: dict[str, Any] = {
        "next_lead": _first(first, rows[first.id], wall.now) if first else None,
        "late": [rows[lead.id] for lead in late],
        "due": [rows[lead.id] for lead in mine if lead not in late and lead not in waiting],
        "callbacks": _callbacks(own, actor, wall),
        "strip": strip_of(_soon(own, wall), wall),
        "tasks": _tasks(own, actor, wall),
        "opens_later": [
            _item(lead, actor, sentence) for lead, sentence in later if sentence and not is_reachable(reaches[lead.id])
        ],
        "waiting": [_item(lead, actor, _waiting_words(lead, wall)) for lead in waiting],
        "requests": [
            *(inbound_calls(actor, wall) if day is None or day.ringing else ()),
            *chat_calls(actor, wall),
            *_repeats(actor, wall),
            *_requests(tasks, wall),
            *_alerts(actor, wall),
        ],
        "review": _review(actor, day),
        **_handoffs(actor, wall),
        "notices": list(day.notices) if day else [],
        "my_day": _numbers(day) if day else [],
        "empty": _empty(wall, own, day),
    }
    return Work(parts, every)


def _leads(actor: Actor, wall: Wall) -> tuple[list[Lead], list[Lead]]:
    """Return the person's own leads, and what they could work on next: in one query, both by the clock."""
    mine = queries.my_leads(actor)
    if not actor.may(Permission.LEAD_CLAIM):
        return queries.with_names(queries.with_tries(mine, wall.now)[: queries.PAGE_SIZE]), []
    takeable = takeable_leads(actor, wall.now).values("id")[:CONSIDERED]
    own = mine.values("id")[: queries.PAGE_SIZE]
    rows = Lead.rows().filter(queries.among(own, takeable)).annotate(is_offered=queries.among(takeable))
    found = queries.with_names(queries.with_tries(queries.by_clock(rows), wall.now))
    owned = [lead for lead in found if actor.membership_id and lead.owner_id == actor.membership_id]
    return owned, [lead for lead in found if getattr(lead, "is_offered", False)]


def _waits(lead: Lead, wall: Wall) -> bool:
    """Say whether we have done our part and the next step is later: snoozed, or the person is to reply."""
    return lead.attempts > 0 and lead.next_action_at is not None and lead.next_action_at > _end_of_day(wall)


def _waiting_words(lead: Lead, wall: Wall) -> str:
    words = plain(lead.last_outcome) if lead.last_outcome else _("Planned")
    return _("%(outcome)s; next step %(at)s") % {"outcome": words, "at": wall.at(lead.next_action_at)}


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


def _requests(tasks: Sequence[Task], wall: Wall) -> list[dict[str, Any]]:
    """Return what colleagues ask of the person, each with its own deadline."""
    return [
        {
            "id": task.lead_id,
            "ref": task.lead.ref,
            "url": reverse("workspace:lead", args=[task.lead_id]),
            "sentence": _("%(title)s, answer by %(at)s") % {"title": task.title, "at": wall.at(task.due_at)},
        }
        for task in tasks
        if task.kind in SIDE_TASKS
    ]


def _review(actor: Actor, day: Day | None) -> dict[str, str] | None:
    """Return the exceptions that wait, for who may look into them."""
    if day is None or not day.exceptions or not actor.may(Permission.SUBMISSION_READ):
        return None
    sentence = _("%(n)s leads wait for a review") % {"n": label(day.exceptions)}
    return {"url": reverse("workspace:exceptions"), "sentence": sentence}


def _handoffs(actor: Actor, wall: Wall) -> dict[str, list[dict[str, Any]]]:
    """Return what other teams hand to the person's teams, and what the person offered and waits for."""
    rows = around(actor.team_ids)
    shown = [
        (row, head_of(row, wall) | {"ref": row.lead.ref, "next_step": row.note.get("next_step", "")}) for row in rows
    ]
    return {
        "handed": [each for row, each in shown if row.to_team_id in actor.team_ids],
        "offered": [each for row, each in shown if row.offered_by_id == actor.membership_id],
    }


def _repeats(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return who asked again through which source while the reader owns their lead (row DU-13)."""
    if actor.membership_id is None:
        return []
    newest = {each.lead_id: each for each in reversed(unseen_repeats(actor.membership_id))}
    hides = FieldGroup.MARKETING in actor.hidden_fields
    found = []
    for touch in reversed(newest.values()):
        through = "" if hides else _(" through %(source)s") % {"source": touch.source.name}
        sentence = _("Asked again%(through)s, %(at)s; the lead stays yours") % {
            "through": through,
            "at": wall.at(touch.at),
        }
        url = reverse("workspace:lead", args=[touch.lead_id])
        found.append({"id": touch.lead_id, "ref": touch.lead.ref, "url": url, "sentence": sentence})
    return found


def _alerts(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    if actor.membership_id is None:
        return []
    found = []
    newest = {alert.timer_id: alert for alert in reversed(alerts_of(actor.membership_id))}
    for alert in reversed(newest.values()):
        timer = alert.timer
        late = ((timer.met_at or wall.now) - timer.due_at).total_seconds()
        how = _("late %(span)s") % {"span": span(late)} if late > 0 else _("due %(at)s") % {"at": wall.at(timer.due_at)}
        asked = timer.policy_id == HANDOFF and timer.lead.owner_team_id not in actor.team_ids
        url = reverse("workspace:handoffs") if asked else reverse("workspace:lead", args=[timer.lead_id])
        sentence = f"{clock_title(timer)} {how}"
        found.append({"id": timer.lead_id, "ref": timer.lead.ref, "url": url, "sentence": sentence})
    return found


def _numbers(day: Day) -> list[dict[str, Any]]:
    speed = span(day.first_contact_seconds) if day.first_contact_seconds is not None else "–"
    return [
        {"label": _("Contacts today"), "value": day.contacts},
        {"label": _("Reached"), "value": day.reached},
        {"label": _("Bookings"), "value": day.bookings},
        {"label": _("First contact, median"), "value": speed},
    ]


def _empty(wall: Wall, tasks: Sequence[Task], day: Day | None) -> dict[str, Any]:
    ahead = next((task for task in tasks if task.due_at > wall.now), None)
    sentence = _("Next step %(at)s.") % {"at": wall.at(ahead.due_at)} if ahead else ""
    if ahead is not None and ahead.channel == "call":
        sentence = _("Next callback %(at)s.") % {"at": wall.at(ahead.due_at)}
    free = day.unassigned if day else 0
    return {
        "title": _("Nothing to take right now"),
        "sentence": sentence,
        "icon": "tick",
        "url": reverse("workspace:queue") + ("?view=unassigned" if free else ""),
        "button": _("Take from the team queue (%(n)s)") % {"n": label(free)} if free else _("Look into the queue"),
    }


def _start_of_day(wall: Wall) -> datetime:
    return wall.now.astimezone(ZoneInfo(wall.zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _end_of_day(wall: Wall) -> datetime:
    local = wall.now.astimezone(ZoneInfo(wall.zone))
    return datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), ZoneInfo(wall.zone))
