"""The task of answering a waiting conversation: raised with the hand-over, done by who accepts, told if nobody does.

Every verb is called with the conversation locked, so that of two people one closes the task.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.accounts.models import TeamMembership
from apps.audit import ledger
from apps.chat.decisions import escalate_seconds_of
from apps.chat.models import Chat, ChatTask
from apps.chat.terms import TaskState
from apps.flows.escalation import first_of_team
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

ESCALATE = "chat.escalate"
ACCEPTED, NOBODY_CAME = "accepted", "nobody accepted"


def raise_task(chat: Chat, document: Mapping[str, Any], now: datetime) -> ChatTask:
    """Put the conversation into the queue of the team that owns its source, and plan when the supervisor is told."""
    task = ChatTask(
        id=new_id(),
        chat=chat,
        team_id=chat.page.source.owning_team_id,
        is_urgent=chat.is_urgent,
        due_at=now + timedelta(seconds=escalate_seconds_of(document, is_urgent=chat.is_urgent)),
        created_at=now,
    )
    task.save(force_insert=True)
    outbox.enqueue(ESCALATE, task.id, due_at=task.due_at)
    return task


def make_urgent(chat: Chat, document: Mapping[str, Any], now: datetime) -> None:
    """Put a wait on top, because the visitor tells of danger meanwhile; the supervisor is told by the shorter limit."""
    task = ChatTask.rows().filter(chat=chat, state=TaskState.OPEN, is_urgent=False).first()
    if task is None:
        return
    due_at = now + timedelta(seconds=escalate_seconds_of(document, is_urgent=True))
    task.is_urgent, task.due_at = True, due_at if task.alerted_at else min(task.due_at, due_at)
    task.alerted_at = task.alerted = None
    task.save(update_fields=["is_urgent", "due_at", "alerted_at", "alerted"])
    outbox.enqueue(ESCALATE, task.id, due_at=task.due_at)


def close_task(chat: Chat, *, because: str, now: datetime, actor: Actor | None = None) -> None:
    """Take the conversation out of the queue: done by who accepted it, else cancelled."""
    for task in ChatTask.rows().filter(chat=chat, state=TaskState.OPEN):
        task.state = TaskState.DONE if actor is not None else TaskState.CANCELLED
        task.assignee_id = actor.membership_id if actor is not None else None
        task.closed_at, task.closed_because = now, because
        task.save(update_fields=["state", "assignee", "closed_at", "closed_because"])
        outbox.cancel(ESCALATE, task.id)


@outbox.handler(ESCALATE)
def escalate(task_id: UUID, now: datetime) -> None:
    """Tell the team's lead that nobody has accepted, once; a task that was closed or moved meanwhile tells nobody."""
    chat_id = ChatTask.rows().values_list("chat_id", flat=True).get(id=task_id)
    Chat.rows().select_for_update(of=("self",)).get(id=chat_id)
    task = ChatTask.rows().select_related("team").get(id=task_id)
    if task.state != TaskState.OPEN or task.alerted_at is not None:
        return
    if task.due_at > now:
        outbox.enqueue(ESCALATE, task.id, due_at=task.due_at)
        return
    task.alerted, task.alerted_at = _supervisor(task), now
    task.save(update_fields=["alerted", "alerted_at"])
    ledger.record(
        actor=system_actor(current_organization_id(), "chat"),
        action="chat.escalate",
        object_type="chat",
        object_id=chat_id,
        detail={"alerted": str(task.alerted_id or ""), "urgent": task.is_urgent},
    )


def _supervisor(task: ChatTask) -> Any:
    """Return the team's lead; of a conversation of no team, the lead of the team that is first in the list."""
    if task.team is not None:
        return first_of_team(task.team)
    leads = TeamMembership.rows().filter(is_lead=True, membership__is_active=True).select_related("membership")
    first = leads.order_by("team__name", "id").first()
    return first.membership if first else None
