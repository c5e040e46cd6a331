"""The answering people's pages: who waits, and one conversation."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.terms import FieldGroup
from apps.chat import actions
from apps.chat.models import Chat
from apps.chat.queries import chat_for, chats_with_people, contact_of, lead_of, lines_of, require_answering
from apps.chat.terms import REASON_WORDS, ChatState, Handover
from apps.flows.scripted import asking_of
from apps.ownership.queries import visible_leads
from apps.tenancy.errors import Invalid
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest

ANSWER = "answer-"


@require_safe
def waiting(request: ActorRequest) -> HttpResponse:
    """Show who waits for a person and who is talked with; of what was said nothing."""
    require_answering(request.actor, "chat.list")
    rows = list(chats_with_people(request.actor))
    return render(request, "chat/waiting.html", {"chats": [_row(each, request) for each in rows]})


@require_safe
def talk(request: ActorRequest, chat_id: UUID) -> HttpResponse:
    """Show one conversation to who may answer it; opening it is in the ledger."""
    return _talk(request, chat_for(request.actor, chat_id))


@require_POST
def accept(request: ActorRequest, chat_id: UUID) -> HttpResponse:
    """Take the conversation."""
    actions.accept(actor=request.actor, chat_id=chat_id, now=request.now)
    return HttpResponseRedirect(reverse("chat:talk", args=[chat_id]), status=303)


@require_POST
def say(request: ActorRequest, chat_id: UUID) -> HttpResponse:
    """Say a line to the visitor."""
    text = request.POST.get("text", "")
    nonce = request.POST.get("nonce", "") or new_id().hex
    try:
        actions.answer(actor=request.actor, chat_id=chat_id, text=text, nonce=nonce, now=request.now)
    except Invalid as error:
        return _talk(request, chat_for(request.actor, chat_id), problem=error.detail, status=422)
    return HttpResponseRedirect(reverse("chat:talk", args=[chat_id]), status=303)


@require_POST
def script(request: ActorRequest, chat_id: UUID) -> HttpResponse:
    """Save the answers to the script's questions; what is no answer is said and changes nothing."""
    answers = {name.removeprefix(ANSWER): str(text) for name, text in request.POST.items() if name.startswith(ANSWER)}
    try:
        actions.answer_script(actor=request.actor, chat_id=chat_id, answers=answers, now=request.now)
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("chat:talk", args=[chat_id]), status=303)


@require_POST
def end(request: ActorRequest, chat_id: UUID) -> HttpResponse:
    """End the conversation."""
    chat = actions.end(actor=request.actor, chat_id=chat_id, now=request.now)
    messages.success(request, _("Chat %(ref)s has ended. Its transcript goes to the lead.") % {"ref": chat.ref})
    return HttpResponseRedirect(reverse("chat:waiting"), status=303)


def _talk(request: ActorRequest, chat: Chat, *, problem: str = "", status: int = 200) -> HttpResponse:
    hides = FieldGroup.CONTACT in request.actor.hidden_fields
    left, lead_id = {} if hides else contact_of(chat), lead_of(chat)
    is_mine = chat.state == ChatState.ACCEPTED and chat.accepted_by_id == request.actor.membership_id
    # Who accepts an emergency may be of a team that has no view of the lead: then the talk goes on without its script.
    lead = visible_leads(request.actor).select_related("service").filter(id=lead_id).first() if lead_id else None
    context = {
        "chat": _row(chat, request),
        "lines": lines_of(chat),
        "is_mine": is_mine,
        "asking": asking_of(lead, request.now, channel="chat", reader=request.actor)
        if lead is not None and is_mine
        else None,
        "is_waiting": chat.state == ChatState.WAITING,
        "contact": [
            {"label": _(label), "value": left[name]}
            for name, label in (("first_name", "First name"), ("last_name", "Last name"), ("phone", "Phone"))
            if left.get(name)
        ]
        + ([{"label": _("Email"), "value": left["email"]}] if left.get("email") else []),
        "granted": [str(each["channel"]) for each in left.get("consent", [])],
        "lead_id": lead_id,
        "sees_lead": lead is not None,
        "nonce": new_id().hex,
        "problem": problem,
    }
    return render(request, "chat/conversation.html", context, status=status)


def _row(chat: Chat, request: ActorRequest) -> dict[str, Any]:
    return {
        "id": chat.id,
        "ref": chat.ref,
        "title": chat.page.title,
        "reason": _(REASON_WORDS[Handover(chat.reason)]) if chat.reason else "",
        "is_urgent": chat.is_urgent,
        "is_waiting": chat.state == ChatState.WAITING,
        "who": chat.accepted_by.user.name if chat.accepted_by else "",
        "since_label": _clock(chat.accepted_at or chat.waiting_since or chat.opened_at),
        "has_contact": chat.contact is not None,
    }


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(current_organization().zone)):%H:%M}"
