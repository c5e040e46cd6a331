"""Heed what is no plain inquiry: opt-outs, deliveries, mails and texts that answer us. By the worker, once per event.

The hook is read again as it was kept, so that nothing a person said rests anywhere but in its sealed copy.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.catalog.models import Campaign, Source
from apps.catalog.queries import campaigns_by_key
from apps.connectors import booking_pages
from apps.connectors.actions import HEED, kept_request, receive_event
from apps.connectors.decisions.keys import named
from apps.connectors.models import HookEvent
from apps.connectors.providers import providers
from apps.connectors.terms import BookingAct, Event, Notice, NoticeKind
from apps.consent.terms import Channel
from apps.flows.confirming import confirm_stop
from apps.flows.deliveries import Delivery, take_delivery
from apps.flows.engaging import note_message_engagement
from apps.flows.opt_out import opt_out_of_value, permit_again
from apps.flows.replies import answered_lead, answered_message, answered_text
from apps.leads.models import Lead
from apps.outreach.actions import keep_reply
from apps.outreach.models import Message
from apps.outreach.telephone import take_call_state
from apps.outreach.terms import CallState, DeliveryResult, EngagementKind
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

NOBODY = "Nobody on file has this number or address; it holds for whoever inquires with it."

Heed = Callable[[HookEvent, Event, Notice, datetime], str]


@outbox.handler(HEED)
def heed(event_id: UUID, now: datetime) -> None:
    """Do what a kept event asks for; what could not be done stays with it as the reason."""
    row = HookEvent.rows().select_for_update(of=("self",)).select_related("hook__connection").get(id=event_id)
    if row.ignored or row.submission_id is not None:
        return
    event = event_of(row)
    if event is None or event.notice is None:
        row.ignored = "The kept copy no longer reads as it did."
    else:
        row.ignored = _HEEDS[event.notice.kind](row, event, event.notice, now)[:200]
    row.save(update_fields=["ignored", "submission"])


def contact_value(notice: Notice) -> str:
    """Return the number (E.164) or address that a notice is about; empty when it cannot be one."""
    return str(read_email(notice.contact).address) if notice.channel == Channel.EMAIL else _number(notice.contact)


def _number(text: str) -> str:
    return str(read_phone(text, current_organization().region).e164)


def event_of(row: HookEvent) -> Event | None:
    """Read the kept hook again and return the event that this row stands for."""
    hook = row.hook
    events = providers()[hook.connection.provider].read(kept_request(hook))
    return next((each for event in events if (each := named(event, hook.received_at)).key == row.key), None)


def _actor(row: HookEvent) -> Actor:
    return system_actor(current_organization_id(), f"hook {row.hook.connection.key}", Door.HOOK)


def _opt_out(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    actor, channel, value = _actor(row), Channel(notice.channel), contact_value(notice)
    people = opt_out_of_value(actor=actor, channel=channel, value=value, words=notice.words, now=now)
    if not notice.is_answered:
        confirm_stop(actor=actor, channel=channel, value=value, said_at=row.taken_at, now=now)
    return "" if people else NOBODY


def _permit_again(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    people = permit_again(
        actor=_actor(row),
        channel=Channel(notice.channel),
        value=contact_value(notice),
        words=notice.words,
        reference=f"{row.hook.connection.provider} {event.object_id}",
        now=now,
    )
    return "" if people else "Nobody on file had withdrawn by a message from this number or address."


def _delivery(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    value = contact_value(notice)
    if not value:
        return "It names no number or address."
    told = Delivery(
        channel=Channel(notice.channel),
        contact_value=value,
        result=DeliveryResult(notice.result),
        reason=notice.words,
        provider_ref=next(iter(notice.references), ""),
        event_key=hashlib.sha256(f"{row.connection_id}/{row.key}".encode()).hexdigest(),
        happened_at=event.submitted_at or row.taken_at,
    )
    return "" if take_delivery(told, actor=_actor(row), now=now) else "This delivery is known already."


def _engagement(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    """Keep that a mail was opened or a link in it followed; only of a message that the event names."""
    message = answered_message(notice.references)
    if message is None:
        return "It names no message of ours."
    happened_at = event.submitted_at or row.taken_at
    kind = EngagementKind(notice.result)
    kept = note_message_engagement(message, kind, actor=_actor(row), happened_at=happened_at, now=now)
    return "" if kept is not None else "This is known already."


def _mail(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    """Hand a mail to capture: as the answer to a message or a campaign of ours, or as an inquiry of its own."""
    campaigns = campaigns_by_key()
    campaign = next((campaigns[each] for each in notice.plus_words if each in campaigns), None)
    message = answered_message(notice.references)
    lead = message.lead if message else answered_lead(contact_value(notice), campaign)
    campaign = campaign or (lead.campaign if message and lead else None)
    _hand_on(row, event, now, lead=lead, message=message, campaign=campaign)
    return ""


def _text(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    """Hand a text to capture: as the answer to what was last texted to its number, or as an inquiry of its own."""
    message = answered_text(contact_value(notice), _number(notice.line))
    lead = message.lead if message else None
    _hand_on(row, event, now, lead=lead, message=message, campaign=lead.campaign if lead else None)
    return ""


def _hand_on(
    row: HookEvent,
    event: Event,
    now: datetime,
    *,
    lead: Lead | None,
    message: Message | None,
    campaign: Campaign | None,
) -> None:
    """Hand what came to capture, and note which lead it answers.

    An answer on a closed lead is an inquiry of its own, tied to that lead's campaign: nobody works on the closed one.
    """
    if campaign is not None:
        event = replace(event, values={**event.values, "utm_campaign": [campaign.key]})
    connection = row.hook.connection
    source = _source_of(campaign)
    row.submission_id = receive_event(connection, event, False, now, source=source, came_at=row.taken_at)
    if lead is not None and lead.closed_at is None:
        about = campaign.name if campaign else message.subject if message else ""
        keep_reply(submission_id=row.submission_id, lead=lead, message=message, about=about, now=now)


def _source_of(campaign: Campaign | None) -> Source | None:
    """Return the source that stands for a campaign, if one does."""
    rows = Source.rows().filter(campaign=campaign, is_active=True) if campaign else Source.rows().none()
    return rows.order_by("key").first()


#: What the legs of a call that we asked for tell of it, by Twilio's words: of the person's leg, and of our colleague's.
_PERSON_LEG = {
    "initiated": CallState.RINGING,
    "ringing": CallState.RINGING,
    "in-progress": CallState.TALKING,
    "completed": CallState.COMPLETED,
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,
    "failed": CallState.FAILED,
    "canceled": CallState.NO_ANSWER,
}
_AGENT_LEG = dict.fromkeys(("busy", "no-answer", "failed", "canceled"), CallState.FAILED)


def _call(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    """Keep how a call goes that we asked for; our colleague's own leg says only that it came to nothing."""
    attempt, leg = notice.references
    states = _PERSON_LEG if leg == "person" else _AGENT_LEG
    state = states.get(notice.result)
    if state is None:
        return "It says nothing of the person."
    seconds = int(notice.words) if notice.words.isdecimal() else 0
    try:
        is_ours = take_call_state(UUID(attempt), state, seconds=seconds, now=now)
    except ValueError:
        is_ours = False
    return "" if is_ours else "It names no call of ours."


def _booking(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    """Hand a booking to capture and book the visit after it; move, cancel or end one that we know."""
    booking, actor = notice.booking, _actor(row)
    if booking is None or booking.act is BookingAct.MOVED:
        return "Its new time comes in a message of its own."
    awaited = booking.old_ref if booking.act is BookingAct.BOOKED else booking.ref
    if awaited and booking_pages.is_being_read(row, awaited, now):
        outbox.enqueue(HEED, row.id, due_at=now + booking_pages.SOON)
        return ""
    if booking.act is not BookingAct.BOOKED:
        return booking_pages.end_visit(row, booking, actor=actor, now=now)
    if booking_pages.is_move(row, booking, actor=actor, now=now):
        return "It moved a visit that we know."
    row.submission_id = receive_event(row.hook.connection, event, False, now, came_at=row.taken_at)
    if booking_pages.was_ended(row, booking):
        return "It was ended before it was read."
    outbox.enqueue(booking_pages.BOOK, row.id)
    return ""


@outbox.handler(booking_pages.BOOK)
def book(event_id: UUID, now: datetime) -> None:
    """Book the visit of a booking page for the lead that its inquiry became."""
    row = HookEvent.rows().select_for_update(of=("self",)).select_related("hook__connection").get(id=event_id)
    event = event_of(row)
    if row.ignored or event is None or event.notice is None or event.notice.booking is None:
        return
    row.ignored = booking_pages.take_over(row, event.notice.booking, actor=_actor(row), now=now)[:200]
    row.save(update_fields=["ignored"])


_HEEDS: Mapping[NoticeKind, Heed] = {
    NoticeKind.OPT_OUT: _opt_out,
    NoticeKind.OPT_IN: _permit_again,
    NoticeKind.DELIVERY: _delivery,
    NoticeKind.ENGAGEMENT: _engagement,
    NoticeKind.MAIL: _mail,
    NoticeKind.TEXT: _text,
    NoticeKind.CALL: _call,
    NoticeKind.BOOKING: _booking,
}
