"""Conversations that wait for a person, as rows of the queue, and as alerts of who was told that nobody came."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.chat.models import ChatTask
from apps.chat.queries import answers_people, chat_alerts, chat_tasks
from apps.chat.terms import REASON_WORDS, Handover
from apps.sla.decisions import DEFAULT_AT_RISK_PERCENT, light
from apps.sla.terms import Light
from apps.tenancy.actor import Actor
from apps.workspace.words import DUE_SOON_PERCENT, Wall, span


def chat_rows(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return the waiting conversations that the actor may accept, as workspace/parts/chat_tasks.html wants them."""
    return [_row(task, wall) for task in chat_tasks(actor)]


def chat_calls(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return the conversations that nobody accepted in time, for the person who was told of them."""
    return [] if actor.membership_id is None else _calls(chat_alerts(actor.membership_id), actor, wall)


def reason_of(task: ChatTask) -> str:
    """Return in words why a person is asked for."""
    return _(REASON_WORDS[Handover(task.chat.reason)])


def _row(task: ChatTask, wall: Wall) -> dict[str, Any]:
    return {
        "id": task.chat_id,
        "ref": task.chat.ref,
        "title": task.chat.page.title,
        "reason": reason_of(task),
        "team": task.team.name if task.team else "",
        "is_urgent": task.is_urgent,
        "sla": _ring(task, wall),
        "since_label": wall.at(task.chat.waiting_since),
        "told": task.alerted.user.name if task.alerted else "",
    }


def _calls(tasks: Sequence[ChatTask], actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    found = []
    for task in tasks:
        words = {"reason": reason_of(task), "at": wall.at(task.chat.waiting_since)}
        url = reverse("chat:waiting" if answers_people(actor) else "workspace:my_work")
        sentence = _("Nobody has accepted this chat, waiting since %(at)s: %(reason)s") % words
        found.append({"id": task.chat_id, "ref": task.chat.ref, "url": url, "sentence": sentence})
    return found


def _ring(task: ChatTask, wall: Wall) -> dict[str, Any]:
    """Return the time until the supervisor is told, as components/sla_ring.html wants it."""
    whole = max((task.due_at - task.created_at).total_seconds(), 1)
    left = (task.due_at - wall.now).total_seconds()
    shown = light(
        started_at=task.created_at,
        at_risk_at=task.created_at + (task.due_at - task.created_at) * DEFAULT_AT_RISK_PERCENT / 100,
        due_at=task.due_at,
        now=wall.now,
    )
    used = max(0.0, min(1.0, 1 - left / whole))
    is_soon = shown is Light.ON_TRACK and used * 100 > DUE_SOON_PERCENT
    word = _("Late %(span)s") if shown is Light.BREACHED else _("%(span)s left")
    return {
        "light": "due_soon" if is_soon else str(shown),
        "fraction": used,
        "word": word % {"span": span(left)},
        "seconds": round(whole),
        "due_at": task.due_at.astimezone(UTC).isoformat(),
        "due_label": wall.at(task.due_at),
    }
