"""tawk.to: chats that start, end and leave a transcript, signed over the raw body.

Source: tawk.to's webhook page. There is no phone field: a phone is found in what the visitor wrote. A chat counts
from the first line of an agent, or when the visitor left an address.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import list_of, moment_of, part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.proofs import signed_body
from apps.connectors.decisions.transcripts import Chat, Line, chat_event
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable

_CHATS = frozenset({"chat:start", "chat:end", "chat:transcript_created"})
_SPEAKERS = {"v": "Visitor", "a": "Agent", "s": "System"}


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    return signed_body(request.headers.get("x-tawk-signature", ""), secrets, request.raw, algorithm="sha1")


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    kind, mark = text_at(body, "event"), request.headers.get("x-hook-event-id", "")
    chat_id = text_at(body, "chatId") or text_at(body, "chat", "id")
    ticket_id = text_at(body, "ticket", "id")
    own_id = ticket_id if kind == "ticket:create" else chat_id
    # The mark of an event is not signed: what is signed names the event, whatever mark it comes under.
    said = hashlib.sha256(request.raw).hexdigest()[:32]
    key = f"{kind}:{own_id}:{said}" if own_id else mark
    if kind not in _CHATS and kind != "ticket:create":
        return [Event(key, kind=kind or "unknown", ignored="Not a chat.")]
    if not own_id:
        raise Unmappable("The event names no chat.")
    chat = Chat(key, own_id, kind, at=moment_of(text_at(body, "time")))
    if kind == "ticket:create":
        _fill_ticket(chat, body)
    else:
        _fill_chat(chat, body)
    return [chat_event(chat)]


def _fill_chat(chat: Chat, body: Any) -> None:
    visitor = part_of(body, "visitor") or part_of(body, "chat", "visitor")
    chat.name, chat.email = text_at(visitor, "name"), text_at(visitor, "email")
    chat.more.add("city", text_at(visitor, "city"))
    if opening := part_of(body, "message"):
        by_visitor = text_at(opening, "sender", "type") in ("visitor", "v")
        chat.lines.append(Line(text_at(opening, "text"), by_visitor, "Visitor" if by_visitor else "Agent"))
    for message in list_of(part_of(body, "chat").get("messages")):
        speaker = text_at(message, "sender", "t")
        name = text_at(message, "sender", "n") or _SPEAKERS.get(speaker, "System")
        chat.lines.append(Line(text_at(message, "msg"), speaker == "v", name))
        if speaker == "a" and not chat.is_accepted:
            chat.is_accepted, chat.at = True, moment_of(text_at(message, "time")) or chat.at


def _fill_ticket(chat: Chat, body: Any) -> None:
    """A ticket is a message that was left when nobody was there: an inquiry if it can be answered."""
    requester, ticket = part_of(body, "requester"), part_of(body, "ticket")
    chat.name, chat.email = text_at(requester, "name"), text_at(requester, "email")
    chat.lines += [Line(text_at(ticket, each), True, "Visitor") for each in ("subject", "message")]


PROVIDER = Provider(
    key="tawk",
    name="tawk.to",
    group=Group.CHAT,
    capture_method="chat",
    proof_hint="The secret key of the webhook.",
    prove=_prove,
    read=_read,
    mapping={},
    guesses=True,
)
