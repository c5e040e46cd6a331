"""Chats: what was said by whom, and when a conversation is an inquiry.

A chat that was only opened is none. It becomes one when a person of ours takes part, or when the visitor leaves
something to be reached by. Only the visitor's own words are the inquiry's message.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from apps.connectors.decisions.answers import Sheet
from apps.connectors.decisions.contacts import email_in, phone_in
from apps.connectors.decisions.tracking import with_page
from apps.connectors.terms import Event

_BLOCKS = frozenset({"p", "br", "div", "li", "h1", "h2", "h3"})
_UNSEEN = frozenset({"script", "style", "title"})
#: A mark of HTML without what would make it begin anew; its name is what it starts with.
_MARK, _NAME = re.compile(r"<([/!?a-zA-Z][^<>]{0,2000})>"), re.compile(r"/?[a-zA-Z][a-zA-Z0-9]{0,20}")
MOST_HTML = 200_000
ONLY_OPENED = "The chat was only opened: nobody took part and no contact was left."


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said; `by_visitor` tells the asking person from ours and from machines."""

    text: str
    by_visitor: bool
    speaker: str = ""


@dataclass(slots=True)
class Chat:
    """A conversation as one event tells it."""

    key: str
    object_id: str
    kind: str
    name: str = ""
    email: str = ""
    phone: str = ""
    page: str = ""
    at: datetime | None = None
    is_accepted: bool = False
    lines: list[Line] = field(default_factory=list)
    more: Sheet = field(default_factory=Sheet)


def chat_event(chat: Chat) -> Event:
    """Return the event of a chat, ignored where it was only opened."""
    said = [each.text for each in chat.lines if each.by_visitor and each.text]
    email = chat.email or _first(email_in(each) for each in said)
    phone = chat.phone or _first(phone_in(each) for each in said)
    sheet = chat.more
    for name, text in (("name", chat.name), ("email", email), ("phone", phone)):
        sheet.add(name, text)
    sheet.add("message", said)
    sheet.add("transcript", [f"{each.speaker}: {each.text}" for each in chat.lines if each.text])
    event = Event(
        chat.key,
        chat.object_id,
        chat.kind,
        values=with_page(sheet.values, chat.page),
        submitted_at=chat.at,
    )
    return event if chat.is_accepted or email or phone else replace(event, ignored=ONLY_OPENED)


def plain_of_html(text: str) -> str:
    """Return the text of an HTML message, a line for each block; in time that grows with its length only.

    The library's own parser takes minutes for some kilobytes of broken marks, and strangers write these messages.
    """
    parts, hidden = [], ""
    for at, piece in enumerate(_MARK.split(_without_comments(text[:MOST_HTML]))):
        if at % 2 == 0:
            parts.append("" if hidden else html.unescape(piece))
            continue
        name = _NAME.match(piece)
        tag = name[0].lower() if name else ""
        if hidden:
            hidden = "" if tag == f"/{hidden}" else hidden
        elif tag in _UNSEEN:
            hidden = tag
        elif tag.removeprefix("/") in _BLOCKS:
            parts.append("\n")
    lines = (" ".join(each.split()) for each in "".join(parts).split("\n"))
    return "\n".join(each for each in lines if each)


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, text[at:]])


def _first(found: Iterable[str]) -> str:
    return next((each for each in found if each), "")
