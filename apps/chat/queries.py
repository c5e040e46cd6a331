"""Read the chat: pages by their address, conversations with their opened lines, and what waits for a person."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Min, Q, QuerySet

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.form_queries import wordings_of
from apps.capture.models import Submission
from apps.chat.models import Chat, ChatLine, ChatPage, ChatTask
from apps.chat.terms import ChatState, Said, Speaker, TaskState
from apps.policies.queries import versions_in_force
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound, Refused
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import unseal

ADDRESS = "chat"
_TASK_PARTS = ("chat__page", "team", "alerted__user")
WITH_PEOPLE = (ChatState.WAITING, ChatState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class PageSheet:
    """A published chat page with the rules in force and the wordings people agree to."""

    page: ChatPage
    document: dict[str, Any]
    version: int | None
    wordings: dict[str, str]


def find_page(slug: str) -> Address | None:
    """Return the tenant and row of a public chat by its slug, before any scope is open."""
    return Address.objects.filter(kind=ADDRESS, key=slug).first()


def page_sheet(page_id: UUID, now: datetime) -> PageSheet | None:
    """Return a published chat page with what it says now."""
    page = ChatPage.rows().filter(id=page_id, is_published=True).select_related("source").first()
    if page is None:
        return None
    version = versions_in_force(now).get("chat")
    document = dict(version.document) if version else {}
    return PageSheet(page, document, version.number if version else None, wordings_of(page.consent_version))


def lines_of(chat: Chat) -> list[Said]:
    """Open what was said, first to last."""
    return [Said(Speaker(row.by), text_of(row), row.name) for row in ChatLine.rows().filter(chat=chat)]


def text_of(row: ChatLine) -> str:
    """Open one line."""
    return unseal(
        bytes(row.sealed), organization_id=current_organization_id(), row_id=row.id, column="chat_chatline.sealed"
    ).decode()


def contact_of(chat: Chat) -> dict[str, Any]:
    """Open what the visitor left to be reached by; {} where nothing was left."""
    if chat.contact is None:
        return {}
    opened = unseal(
        bytes(chat.contact), organization_id=current_organization_id(), row_id=chat.id, column="chat_chat.contact"
    )
    found: dict[str, Any] = json.loads(opened)
    return found


def answers_people(actor: Actor) -> bool:
    """Say whether the actor may talk with visitors: who contacts people and reads what they say of their health."""
    return actor.membership_id is not None and actor.may(Permission.LEAD_CONTACT) and actor.may(Permission.HEALTH_READ)


def require_answering(actor: Actor, action: str) -> None:
    """Raise Refused for people who may not talk with visitors."""
    if not answers_people(actor):
        raise Refused(
            "Your role may not talk with visitors of the chat. Ask your administrator.",
            action=action,
            object_type="chat",
        )


def chats_with_people(actor: Actor) -> QuerySet[Chat]:
    """Return what waits for a person and what goes on: emergencies first, then who waits longest.

    Seen by the team that owns the chat's source; an emergency is seen by everybody who talks with people.
    """
    rows = Chat.rows().filter(state__in=WITH_PEOPLE)
    if not actor.may(Permission.LEAD_VIEW_ALL):
        teams = list(actor.team_ids)
        own = Q(page__source__owning_team__in=teams) | Q(page__source__owning_team__isnull=True)
        rows = rows.filter(own | Q(is_urgent=True) | Q(accepted_by=actor.membership_id))
    order = ("-is_urgent", F("accepted_at").asc(nulls_first=True), "waiting_since", "id")
    return rows.select_related("page", "accepted_by__user").order_by(*order)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for a person: how many, how many of them in an emergency, and since when the first of these."""

    count: int = 0
    urgent: int = 0
    urgent_since: datetime | None = None


def waiting_for(actor: Actor) -> Waiting:
    """Count who waits for the actor's answer, in one read."""
    if not answers_people(actor):
        return Waiting()
    urgent = Q(is_urgent=True)
    rows = chats_with_people(actor).filter(state=ChatState.WAITING)
    return Waiting(
        **rows.order_by().aggregate(
            count=Count("id"), urgent=Count("id", filter=urgent), urgent_since=Min("waiting_since", filter=urgent)
        )
    )


def chat_tasks(actor: Actor) -> list[ChatTask]:
    """Return the waiting conversations that the actor may accept, as tasks: emergencies first, then by the clock."""
    if not answers_people(actor):
        return []
    waiting = chats_with_people(actor).filter(state=ChatState.WAITING).order_by().values("id")
    rows = ChatTask.rows().filter(state=TaskState.OPEN, chat__in=waiting)
    return list(rows.select_related(*_TASK_PARTS).order_by("-is_urgent", "due_at", "id"))


def chat_alerts(membership_id: UUID) -> list[ChatTask]:
    """Return the waiting conversations that nobody accepted in time and of which this person was told."""
    rows = ChatTask.rows().filter(state=TaskState.OPEN, alerted=membership_id)
    return list(rows.select_related(*_TASK_PARTS).order_by("-is_urgent", "due_at", "id"))


def chat_for(actor: Actor, chat_id: UUID) -> Chat:
    """Return a conversation the actor may read, noted in the ledger. Refuses roles that may not; else NotFound."""
    require_answering(actor, "chat.read")
    own = chats_with_people(actor).filter(id=chat_id).first()
    past = Chat.rows().filter(id=chat_id, accepted_by=actor.membership_id).select_related("page", "accepted_by__user")
    chat: Chat | None = own or past.first()
    if chat is None:
        raise NotFound
    ledger.record_read(actor=actor, what="chat", object_ids=[chat.id], fields=["lines"])
    return chat


def lead_of(chat: Chat) -> UUID | None:
    """Return the lead that the conversation became, once the intake has made it."""
    if chat.submission_id is None:
        return None
    return Submission.rows().filter(id=chat.submission_id).values_list("lead_id", flat=True).first()
