"""Conversations that wait for a team hang on it, and go to its heir when it leaves (row TA-15)."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from apps.accounts.models import Team
from apps.chat.models import ChatTask
from apps.chat.terms import TaskState
from apps.flows.team_ties import Tie
from apps.tenancy.actor import Actor


def waiting_for(team: Team, now: datetime) -> Iterator[Tie]:
    """Yield how many people wait in the chat for a team."""
    count = _open(team).count()
    if count:
        yield Tie("chats", f"{count} waiting chat" if count == 1 else f"{count} waiting chats")


def pass_on(leaving: Team, heir: Team, actor: Actor) -> None:
    """Let the heir answer who waits for a team that leaves."""
    _open(leaving).update(team=heir, assignee=None)


def _open(team: Team) -> QuerySet[ChatTask]:
    return ChatTask.rows().filter(team=team, state=TaskState.OPEN)
