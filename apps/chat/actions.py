"""Hold a conversation: a line is said, a person is asked for, accepts, answers and ends it; what of it is a lead.

A lead begins when a person of ours accepts (row CP-03): its start event has that instant. A visitor who left an
address and waited in vain becomes an inquiry all the same, and one who left nothing becomes none.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Max

from apps.audit import ledger
from apps.capture.actions import Envelope, receive
from apps.capture.text import clean, one_line
from apps.chat import decisions, texts
from apps.chat.models import Chat, ChatLine
from apps.chat.queries import PageSheet, chats_with_people, contact_of, lead_of, lines_of, require_answering
from apps.chat.terms import URGENT, ChatState, Fixed, Handover, Language, Speaker
from apps.chat.waiting import ACCEPTED, NOBODY_CAME, close_task, make_urgent, raise_task
from apps.flows import alarms, scripted
from apps.flows.conversations import note_conversation
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.policies.queries import live_document
from apps.privacy import details
from apps.privacy.phi import look_at_phi
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.errors import Conflict, Invalid, LeadcrmError, NotFound, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal

LONGEST_LINE, MOST_LINES = 2000, 300
#: How many conversations one network address may begin in an hour, and how many lines it may say in a minute.
CHATS_PER_HOUR, LINES_PER_MINUTE = 20, 20
BETWEEN_CONTACTS = timedelta(seconds=5)
OVER = (ChatState.ENDED, ChatState.ABANDONED, ChatState.MISSED)
GIVE_UP, KEEP = "chat.give_up", "chat.keep"


class TooManyLines(LeadcrmError):
    """One network address says more than people do."""

    code, status = "rate_limited", 429


def address_digest(address: str) -> str:
    """Return what is kept of a network address: a keyed digest that differs from tenant to tenant."""
    key = f"chat:{current_organization_id()}:{settings.SECRET_KEY}".encode()
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()


def say(
    sheet: PageSheet,
    chat_id: UUID | None,
    text: str,
    *,
    nonce: str,
    address: str,
    now: datetime,
    language: str = Language.ENGLISH,
) -> Chat:
    """Add a visitor's line and what the machine says to it, in their language; without a conversation one begins.

    Words of danger stop the machine, show the safety text and raise an urgent task in everybody's queue in the same
    transaction (row CP-12); while a person is there, the text is shown all the same. A line that is sent twice is
    said once. Refuses empty lines, and addresses that say more than people do.
    """
    line = clean(text, LONGEST_LINE)
    if not line:
        raise Invalid("Write something.", (Problem("/text", "missing", "Write something."),))
    tongue = texts.as_language(language)
    chat = _locked(chat_id) if chat_id else _begun(sheet, address, nonce, now) or _opened(sheet, address, tongue, now)
    chat.language = tongue
    if ChatLine.rows().filter(chat=chat, nonce=nonce).exists():
        return chat
    _refuse_floods(chat, address, now)
    if chat.state in OVER:
        raise Conflict("This conversation has ended. Begin a new one.", code="chat_ended")
    _add(chat, Speaker.VISITOR, line, now, nonce=nonce)
    if chat.state == ChatState.OPEN:
        reply = decisions.reply_to(line, chat.misses, sheet.document, chat.language)
        chat.misses = reply.misses
        _add(chat, Speaker.BOT, reply.text, now, rule_id=reply.rule_id, version=sheet.version)
        if reply.handover is not None:
            _hand_over(chat, reply.handover, sheet.document, now)
    elif (danger := decisions.danger_in(line, sheet.document)) is not None:
        said = decisions.safety_reply(danger, line, chat.language, sheet.document)
        _add(chat, Speaker.BOT, said, now, version=sheet.version)
        chat.is_urgent, chat.reason = True, danger
        make_urgent(chat, sheet.document, now)
    if chat.is_urgent and (lead_id := lead_of(chat)) is not None:
        lead = lock_lead(lead_id)
        alarms.heed_alarm(lead, lead.contact_person or lead.person, line, now)
    chat.last_line_at = now
    chat.save(update_fields=["language", "misses", "state", "reason", "is_urgent", "waiting_since", "last_line_at"])
    return chat


def leave_contact(chat_id: UUID, values: Mapping[str, Any], *, now: datetime) -> Chat:
    """Keep, sealed, what a visitor leaves to be reached by; asking so brings a person in.

    With a person there already, or with nobody who would come any more, it goes to the intake at once. What is
    left twice is left once; other values within seconds are refused.
    """
    chat = _locked(chat_id)
    if chat.contact is not None and chat.contact_at is not None:
        if contact_of(chat) == dict(values):
            return chat
        if now - chat.contact_at < BETWEEN_CONTACTS:
            raise TooManyLines("That was very quick. Wait a moment, then send it again.")
    sealed = seal(
        json.dumps(dict(values)).encode(),
        organization_id=current_organization_id(),
        row_id=chat.id,
        column="chat_chat.contact",
    )
    chat.contact, chat.contact_at = sealed, now
    if chat.state == ChatState.OPEN:
        _add(chat, Speaker.BOT, texts.fixed(Fixed.ASKED, chat.language), now)
        _hand_over(chat, Handover.ASKED, live_document("chat", now), now)
    is_over = chat.state in OVER
    if chat.state == ChatState.ABANDONED:
        chat.state = ChatState.MISSED
    chat.save(update_fields=["contact", "contact_at", "state", "reason", "is_urgent", "waiting_since"])
    if is_over or chat.state == ChatState.ACCEPTED or (chat.state == ChatState.WAITING and chat.is_urgent):
        _submit(chat, event_at=chat.accepted_at or now, now=now, is_update=chat.submission_id is not None)
    return chat


def accept(*, actor: Actor, chat_id: UUID, now: datetime) -> Chat:
    """Take a waiting conversation: its lead begins at this instant (row CP-03).

    Of two who click at once one gets it; the other is told who. Refuses roles that may not talk with visitors.
    """
    chat = _locked_for(actor, chat_id, "chat.accept")
    if chat.state == ChatState.ACCEPTED:
        if chat.accepted_by_id == actor.membership_id:
            return chat
        name = chat.accepted_by.user.name if chat.accepted_by else "A colleague"
        raise Conflict(f"{name} talks with this visitor already.", code="already_accepted")
    chat.state, chat.accepted_at, chat.accepted_by_id = ChatState.ACCEPTED, now, actor.membership_id
    chat.save(update_fields=["state", "accepted_at", "accepted_by"])
    outbox.cancel(GIVE_UP, chat.id)
    close_task(chat, because=ACCEPTED, actor=actor, now=now)
    if chat.submission_id is None:
        _submit(chat, event_at=now, now=now)
    ledger.record(actor=actor, action="chat.accept", object_type="chat", object_id=chat.id, fields=["accepted_by"])
    return chat


def answer(*, actor: Actor, chat_id: UUID, text: str, nonce: str, now: datetime) -> Chat:
    """Say a line to the visitor. Only who accepted the conversation talks in it; a line sent twice is said once."""
    chat = _own(actor, chat_id)
    line = clean(text, LONGEST_LINE)
    if not line:
        raise Invalid("Write something.", (Problem("/text", "missing", "Write something."),))
    if not ChatLine.rows().filter(chat=chat, nonce=nonce).exists():
        _add(chat, Speaker.STAFF, line, now, nonce=nonce, name=actor.label)
    chat.last_line_at = now
    chat.save(update_fields=["last_line_at"])
    return chat


def answer_script(*, actor: Actor, chat_id: UUID, answers: Mapping[str, str], now: datetime) -> Lead:
    """Write what the visitor answered to the script's questions into the fields of the lead (row DD-13).

    Only who accepted the conversation does; until the intake has made the lead there is nothing to write to.
    """
    chat = _own(actor, chat_id)
    lead_id = lead_of(chat)
    if lead_id is None:
        raise Conflict("The lead is being made. Save the answers again in a moment.", code="lead_is_coming")
    said_in = f"asked in the chat {chat.ref}"
    return scripted.answer_script(
        actor=actor, lead_id=lead_id, answers=answers, now=now, channel="chat", said_in=said_in
    )


def end(*, actor: Actor, chat_id: UUID, now: datetime) -> Chat:
    """End a conversation; its transcript goes to the lead, sealed as health details, and its story says so."""
    chat = _own(actor, chat_id)
    chat.state, chat.ended_at = ChatState.ENDED, now
    chat.save(update_fields=["state", "ended_at"])
    outbox.enqueue(KEEP, chat.id)
    ledger.record(actor=actor, action="chat.end", object_type="chat", object_id=chat.id, fields=["state"])
    return chat


@outbox.handler(GIVE_UP)
def give_up(chat_id: UUID, now: datetime) -> None:
    """End a wait that nobody answered: an address makes it an inquiry, none makes it nothing.

    An emergency stays on the list until a person has taken it; its address is not lost meanwhile.
    """
    chat = _locked(chat_id)
    if chat.state != ChatState.WAITING:
        return
    if chat.contact is not None and chat.submission_id is None:
        _submit(chat, event_at=chat.contact_at or now, now=now, came_at=chat.contact_at)
    if not chat.is_urgent:
        chat.state = ChatState.MISSED if chat.contact is not None else ChatState.ABANDONED
        chat.ended_at = now
        chat.save(update_fields=["state", "ended_at"])
        close_task(chat, because=NOBODY_CAME, now=now)


@outbox.handler(KEEP)
def keep_transcript(chat_id: UUID, now: datetime) -> None:
    """Put the transcript of an ended conversation with its lead; a lead that is not made yet is waited for."""
    chat = Chat.rows().select_related("accepted_by__user").get(id=chat_id)
    lead_id = lead_of(chat)
    if lead_id is None:
        if (chat.ended_at or now) + timedelta(minutes=10) > now:
            outbox.enqueue(KEEP, chat.id, due_at=now + timedelta(seconds=5))
        return
    lead = lock_lead(lead_id)
    transcript = transcript_of(chat)
    details.keep(subject_id=lead.id, kind="transcript", text=transcript, now=now)
    look_at_phi(lead.id, {"transcript": transcript}, now=now)
    member, ended_at = chat.accepted_by, chat.ended_at or now
    count = ChatLine.rows().filter(chat=chat).count()
    name = member.user.name if member else "us"
    sentence = f"Chat {chat.ref} with {name}: {count} lines. The transcript is among what they wrote."
    first = ChatLine.rows().filter(chat=chat, by=Speaker.STAFF).order_by("number").first()
    if first is None:
        tell(lead, kind="chat", sentence=sentence, actor=system_actor(current_organization_id(), "chat"), now=now)
    else:
        note_conversation(
            lead, reference=chat.ref, member=member, began_at=first.at, sentence=sentence, now=max(ended_at, first.at)
        )


def transcript_of(chat: Chat) -> str:
    """Return what was said, a line for each."""
    names = {Speaker.VISITOR: "Visitor", Speaker.BOT: "Bot", Speaker.STAFF: "Staff"}
    return "\n".join(f"{each.name or names[each.by]}: {each.text}" for each in lines_of(chat))


def _begun(sheet: PageSheet, address: str, nonce: str, now: datetime) -> Chat | None:
    """Return the conversation that this very line began already: a first line sent twice begins one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"chat {nonce}"])
    said = ChatLine.rows().filter(nonce=nonce[:40], chat__page=sheet.page, at__gt=now - timedelta(hours=1))
    row = said.filter(chat__address_digest=address_digest(address)).first() if nonce else None
    return _locked(row.chat_id) if row else None


def _opened(sheet: PageSheet, address: str, language: Language, now: datetime) -> Chat:
    digest = address_digest(address)
    begun = Chat.rows().filter(address_digest=digest, opened_at__gt=now - timedelta(hours=1)).count()
    if begun >= CHATS_PER_HOUR:
        raise TooManyLines("Too many conversations were begun from your network. Call us, please.")
    chat = Chat(id=new_id(), page=sheet.page, address_digest=digest, opened_at=now, last_line_at=now, language=language)
    chat.save(force_insert=True)
    _add(chat, Speaker.BOT, texts.greeting_of(sheet.document, language), now, version=sheet.version)
    return chat


def _refuse_floods(chat: Chat, address: str, now: datetime) -> None:
    said = ChatLine.rows().filter(by=Speaker.VISITOR, chat__address_digest=address_digest(address))
    if said.filter(at__gt=now - timedelta(minutes=1)).count() >= LINES_PER_MINUTE:
        raise TooManyLines("That was very quick. Wait a moment, then write again.")
    if ChatLine.rows().filter(chat=chat).count() >= MOST_LINES:
        raise TooManyLines("This conversation is very long. Call us, please.")


def _hand_over(chat: Chat, reason: Handover, document: Mapping[str, Any], now: datetime) -> None:
    chat.state, chat.reason, chat.waiting_since = ChatState.WAITING, reason, now
    chat.is_urgent = chat.is_urgent or reason in URGENT
    raise_task(chat, document, now)
    seconds = decisions.give_up_seconds_of(document)
    outbox.enqueue(GIVE_UP, chat.id, due_at=now + timedelta(seconds=seconds))
    ledger.record(
        actor=system_actor(current_organization_id(), "chat"),
        action="chat.hand_over",
        object_type="chat",
        object_id=chat.id,
        detail={"reason": str(reason)},
    )


def _add(
    chat: Chat,
    by: Speaker,
    text: str,
    now: datetime,
    *,
    nonce: str | None = None,
    name: str = "",
    rule_id: str = "",
    version: int | None = None,
) -> None:
    row_id = new_id()
    last = ChatLine.rows().filter(chat=chat).aggregate(last=Max("number"))["last"] or 0
    ChatLine(
        id=row_id,
        chat=chat,
        number=last + 1,
        by=by,
        name=name,
        sealed=seal(
            text.encode(), organization_id=current_organization_id(), row_id=row_id, column="chat_chatline.sealed"
        ),
        at=now,
        nonce=nonce[:40] if nonce else None,
        rule_id=rule_id,
        version=version,
    ).save(force_insert=True)


def _submit(
    chat: Chat, *, event_at: datetime, now: datetime, came_at: datetime | None = None, is_update: bool = False
) -> None:
    """Hand the conversation to the intake: the visitor's own lines are the message, the transcript an answer.

    `came_at` is when we had it, where it waited for our worker since.
    """
    contact, said = contact_of(chat), lines_of(chat)
    source = chat.page.source
    payload: dict[str, Any] = {
        "external_id": chat.id.hex,
        "source": source.key,
        "capture_method": "chat",
        "person": {name: contact[name] for name in ("first_name", "last_name", "phone", "email") if contact.get(name)},
        "request": {
            "message": "\n".join(each.text for each in said if each.by is Speaker.VISITOR)[:10_000],
            **_only_way(contact),
        },
        "consent": contact.get("consent", []),
        "answers": [
            {"key": "transcript", "question": "Chat", "values": [one_line(transcript_of(chat), 2000)]},
        ],
    }
    receipt = receive(
        actor=system_actor(current_organization_id(), "chat", Door.HOOK),
        envelope=Envelope(
            source=source,
            source_typed=source.key,
            payload=payload,
            capture_method="chat",
            event_at=event_at,
            received_at=came_at or now,
            external_id="" if is_update else chat.id.hex,
            party_id=source.party_id,
        ),
        now=now,
    )
    if not is_update:
        chat.submission_id = receipt.submission_id
        chat.save(update_fields=["submission_id"])


def _only_way(contact: Mapping[str, Any]) -> dict[str, str]:
    """Whoever leaves one way to be reached asks for that one."""
    ways = [channel for name, channel in (("phone", "call"), ("email", "email")) if contact.get(name)]
    return {"preferred_channel": ways[0]} if len(ways) == 1 else {}


def _locked(chat_id: UUID) -> Chat:
    rows = Chat.rows().select_for_update(of=("self",)).select_related("page__source", "accepted_by__user")
    chat: Chat | None = rows.filter(id=chat_id).first()
    if chat is None:
        raise NotFound
    return chat


def _locked_for(actor: Actor, chat_id: UUID, action: str) -> Chat:
    require_answering(actor, action)
    if not chats_with_people(actor).filter(id=chat_id).exists():
        raise NotFound
    return _locked(chat_id)


def _own(actor: Actor, chat_id: UUID) -> Chat:
    chat = _locked_for(actor, chat_id, "chat.answer")
    if chat.state != ChatState.ACCEPTED or chat.accepted_by_id != actor.membership_id:
        raise Conflict("Accept the conversation first; only who accepted it talks in it.", code="not_yours")
    return chat
