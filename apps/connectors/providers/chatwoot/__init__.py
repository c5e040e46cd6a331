"""Chatwoot: flat events about conversations and contacts, signed with their time where the version can.

Source: the listeners and presenters of the public code. A conversation counts from the moment that somebody of ours
is assigned or the visitor's address is known; an event carries its last message only.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import list_of, moment_of_unix, part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.proofs import fresh_and_signed, hex_digest
from apps.connectors.decisions.transcripts import Chat, Line, chat_event, plain_of_html
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable

_CONVERSATIONS = frozenset({"conversation_created", "conversation_status_changed", "conversation_updated"})
_CONTACTS = frozenset({"contact_created", "contact_updated"})
_INCOMING = ("0", "incoming")


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    if not secrets:
        return Proof.GOOD
    stamp, given = request.headers.get("x-chatwoot-timestamp", ""), request.headers.get("x-chatwoot-signature", "")
    signed = stamp.encode() + b"." + request.raw
    return fresh_and_signed(given, stamp, secrets, lambda secret: f"sha256={hex_digest(secret, signed)}", now)


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    kind, own_id, stamp = text_at(body, "event"), text_at(body, "id"), text_at(body, "timestamp")
    key = request.headers.get("x-chatwoot-delivery", "")
    if not key and own_id and stamp:
        key = "/".join((text_at(body, "account", "id"), own_id, kind, stamp))
    if kind not in _CONVERSATIONS | _CONTACTS:
        return [Event(key, kind=kind or "unknown", ignored="Not a conversation or a contact.")]
    if not own_id:
        raise Unmappable("The event has no id.")
    chat = Chat(key, "", kind, at=moment_of_unix(stamp))
    if kind in _CONVERSATIONS:
        _fill_conversation(chat, body)
    else:
        _fill_person(chat, body)
        chat.object_id = f"contact-{own_id}"
        if kind == "contact_updated" and not _has_new_address(body):
            return [Event(key, chat.object_id, kind, ignored="No address of the contact changed.")]
    return [chat_event(chat)]


def _fill_conversation(chat: Chat, body: Any) -> None:
    sender = part_of(body, "meta", "sender")
    contact = text_at(sender, "id")
    chat.object_id = f"contact-{contact}" if contact else f"conversation-{text_at(body, 'id')}"
    chat.is_accepted = bool(text_at(body, "meta", "assignee", "id")) or _was_handed_over(body)
    chat.page = text_at(body, "additional_attributes", "referer")
    chat.lines += [_line(each) for each in list_of(body.get("messages"))]
    _fill_person(chat, sender)
    chat.more.add_all(part_of(body, "custom_attributes"))


def _fill_person(chat: Chat, person: Any) -> None:
    chat.name, chat.email, chat.phone = (text_at(person, each) for each in ("name", "email", "phone_number"))
    chat.more.add("city", text_at(person, "additional_attributes", "city"))
    chat.more.add_all(part_of(person, "custom_attributes"))


def _was_handed_over(body: Any) -> bool:
    """Say whether the bot, which holds pending conversations, has just passed this one to people."""
    changes = [part_of(each, "status") for each in list_of(body.get("changed_attributes"))]
    return any(
        text_at(each, "previous_value") == "pending" and text_at(each, "current_value") == "open" for each in changes
    )


def _has_new_address(body: Any) -> bool:
    changed = [part_of(each) for each in list_of(body.get("changed_attributes"))]
    return any("email" in each or "phone_number" in each for each in changed)


def _line(message: Any) -> Line:
    by_visitor = text_at(message, "message_type") in _INCOMING
    speaker = text_at(message, "sender", "name") or ("Visitor" if by_visitor else "Team")
    return Line(plain_of_html(text_at(message, "content")), by_visitor, speaker)


PROVIDER = Provider(
    key="chatwoot",
    name="Chatwoot",
    group=Group.CHAT,
    capture_method="chat",
    proof_hint="The secret of the webhook. Versions that sign nothing have none: then the address is the only proof.",
    prove=_prove,
    read=_read,
    mapping={},
    guesses=True,
)
