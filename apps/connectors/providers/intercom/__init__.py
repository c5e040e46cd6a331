"""Intercom: notifications about conversations and contacts, signed over the raw body with the app's client secret.

Source: Intercom's webhook models and API schema. A conversation counts from the moment that one of our people acts
in it (topics `conversation.admin...`) or the visitor's address is known.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import list_of, moment_of_unix, part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.proofs import signed_body
from apps.connectors.decisions.transcripts import Chat, Line, chat_event, plain_of_html
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable

_CONTACTS = frozenset(
    {"contact.lead.created", "contact.lead.added_email", "contact.user.created", "contact.added_email"}
)
_VISITORS = frozenset({"lead", "user", "contact"})


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    given = request.headers.get("x-hub-signature", "")
    return signed_body(given, secrets, request.raw, algorithm="sha1", prefix="sha1=")


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    topic, key = text_at(body, "topic"), text_at(body, "id")
    item = part_of(body, "data", "item")
    if topic in _CONTACTS or (topic.startswith("conversation.") and not topic.startswith("conversation.rating")):
        if not key:
            raise Unmappable("The notification has no id.")
        if not text_at(item, "id"):
            raise Unmappable("The notification has no item.")
        chat = Chat(f"notification:{key}", "", topic, at=moment_of_unix(text_at(body, "created_at")))
        _fill_contact(chat, item) if topic in _CONTACTS else _fill_conversation(chat, item)
        return [chat_event(chat)]
    return [Event(f"notification:{key}" if key else "", kind=topic or "unknown", ignored="Not a chat or new contact.")]


def _fill_contact(chat: Chat, item: Any) -> None:
    chat.object_id = f"contact-{text_at(item, 'id')}"
    _fill_person(chat, item)
    chat.more.add_all(part_of(item, "custom_attributes"))
    chat.more.add("city", text_at(item, "location", "city"))


def _fill_conversation(chat: Chat, item: Any) -> None:
    source = part_of(item, "source")
    author = part_of(source, "author")
    contacts = list_of(part_of(item, "contacts").get("contacts"))
    contact_id = next((text_at(each, "id") for each in contacts if text_at(each, "id")), "")
    chat.object_id = f"contact-{contact_id}" if contact_id else f"conversation-{text_at(item, 'id')}"
    chat.is_accepted = chat.kind.startswith("conversation.admin.")
    chat.page = text_at(source, "url")
    chat.lines.append(_line(source))
    chat.lines += [_line(each) for each in list_of(part_of(item, "conversation_parts").get("conversation_parts"))]
    if text_at(author, "type") in _VISITORS:
        _fill_person(chat, author)
    chat.more.add_all(part_of(item, "custom_attributes"))


def _fill_person(chat: Chat, person: Any) -> None:
    chat.name, chat.email, chat.phone = (text_at(person, each) for each in ("name", "email", "phone"))


def _line(part: Any) -> Line:
    author = part_of(part, "author")
    by_visitor = text_at(author, "type") in _VISITORS
    speaker = text_at(author, "name") or ("Visitor" if by_visitor else "Team")
    return Line(plain_of_html(text_at(part, "body")), by_visitor, speaker)


PROVIDER = Provider(
    key="intercom",
    name="Intercom",
    group=Group.CHAT,
    capture_method="chat",
    proof_hint="The client secret of the app, from its basic information page.",
    prove=_prove,
    read=_read,
    mapping={},
    guesses=True,
)
