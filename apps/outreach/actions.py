"""Write contacts: log what a person did, and intend messages that the sender will send."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from apps.leads.actions import tell
from apps.leads.models import ContactPoint, Lead
from apps.outreach.models import Activity, DeliveryEvent, Message, Reply
from apps.outreach.queries import astray
from apps.outreach.template_decisions import fill, places_of
from apps.outreach.template_fit import why_not_fitting
from apps.outreach.template_places import words_of
from apps.outreach.template_segments import why_not_chosen
from apps.outreach.templates import find_template, why_not_sent
from apps.outreach.terms import (
    OPT_OUT_CONFIRMATION,
    ActivityKind,
    DeliveryResult,
    Direction,
    LoggedAs,
    MessageState,
    Outcome,
)
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

SEND = "outreach.send"
#: The place of a link by which the receiver says what we may do; filled when the message goes (`mail.whole_of`).
PREFERENCES_PLACE = "{preferences_link}"
#: The place of a link by which the receiver books a visit; filled when the message goes, too.
SCHEDULING_PLACE = "{scheduling_link}"
#: The purpose of what a stage brings: outreach of ours, not an answer that somebody waits for.
STAGE_MESSAGE = "stage"


def log_activity(
    lead: Lead,
    *,
    kind: ActivityKind,
    outcome: Outcome,
    direction: Direction,
    started_at: datetime,
    duration_seconds: int,
    note: str,
    actor: Actor,
    event_id: UUID,
    now: datetime,
    contact_point: ContactPoint | None = None,
    dedup_key: str | None = None,
    member_id: UUID | None = None,
    said_by: str = "",
    script: tuple[str, int] | None = None,
) -> Activity:
    """Store one contact. Under a `dedup_key` seen before raises Conflict (`logged_already`).

    `member_id` and `said_by` name who was in contact where that is not the actor; `script` the words that were read,
    with their version.
    """
    row = Activity(
        id=new_id(),
        lead=lead,
        kind=kind,
        direction=direction,
        outcome=outcome,
        started_at=started_at,
        duration_seconds=duration_seconds,
        note=note,
        contact_point=contact_point,
        team_id=lead.owner_team_id,
        member_id=member_id or actor.membership_id,
        actor_label=said_by or actor.label,
        logged_at=now,
        event_id=event_id,
        dedup_key=dedup_key,
        script=script[0] if script else "",
        script_version=script[1] if script else None,
        logged_as=LoggedAs.AGENCY if actor.is_agency else LoggedAs.TEAM,
    )
    if dedup_key and Activity.rows().filter(lead=lead, dedup_key=dedup_key).exists():
        raise Conflict("This contact is logged already.", code="logged_already")
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("This contact is logged already.", code="logged_already") from error
    return row


def intend_message(
    lead: Lead,
    *,
    purpose: str,
    template_key: str,
    contact_point: ContactPoint,
    words: Mapping[str, str],
    language: str,
    dedup_key: str,
    now: datetime,
    due_at: datetime | None = None,
    channel: str = "email",
    chosen_by: Sequence[str] = (),
    written_by: str = "",
) -> Message | None:
    """Write down that a message shall be sent; the sender asks consent for the template's purpose before it does.

    One message per `dedup_key`, however often the step is run; of two at the same instant the second fails
    whole and finds the first when it is run again. None when the tenant has no such template, and for an address
    that is known to be invalid (row VQ-06). The words are of the approved version of now (row PH-14); where a template
    has none, the lead's story says so. So it does where the receiver was chosen by a field (`chosen_by`) that is not
    recorded for what the message is for (row AU-07), and where the template is for another service than the lead
    asks for (row TN-02).
    """
    if contact_point.validity == "invalid":
        return None
    kept: Message | None = Message.rows().filter(dedup_key=dedup_key).first()
    if kept is not None:
        return kept
    template = find_template(template_key, language, channel, now=now)
    if template is None:
        if why := why_not_sent(template_key, language, channel, now=now):
            _tell_not_written(lead, why, now)
        return None
    if why := why_not_fitting(lead, template) or why_not_chosen(lead, template, chosen_by):
        _tell_not_written(lead, why, now)
        return None
    named = places_of(f"{template.subject}\n{template.body}")
    words = words_of(lead, named, {"preferences_link": PREFERENCES_PLACE, "scheduling_link": SCHEDULING_PLACE, **words})
    row = Message(
        id=new_id(),
        lead=lead,
        purpose=purpose,
        channel=channel,
        contact_point=contact_point,
        template_key=template_key,
        template_version=template.number,
        permitted_as=template.purpose,
        subject=fill(template.subject, words),
        body=fill(template.body, words),
        created_at=now,
        words_id=template.id,
        written_by=written_by[:200],
        dedup_key=dedup_key,
    )
    insert(row)
    outbox.enqueue(SEND, row.id, due_at=due_at)
    return row


def _tell_not_written(lead: Lead, why: str, now: datetime) -> None:
    sender = system_actor(current_organization_id(), "sender")
    tell(lead, kind="message", sentence=f"Not written: {why}", actor=sender, now=now)


def cancel_messages(lead_ids: list[UUID], *, reason: str, now: datetime, channels: list[str]) -> int:
    """Stop everything not yet handed to a provider but the word that we heard them; return how many there were."""
    waiting = Message.rows().filter(lead_id__in=lead_ids, state=MessageState.PENDING, channel__in=channels)
    waiting = waiting.exclude(purpose=OPT_OUT_CONFIRMATION)
    return waiting.update(state=MessageState.BLOCKED, reason=reason[:300], finished_at=now)


def cancel_stage_messages(lead: Lead, *, reason: str, now: datetime) -> int:
    """Stop what a stage of the lead planned to send and what has not gone; receipts and asked questions still go."""
    waiting = Message.rows().filter(lead=lead, state=MessageState.PENDING, purpose=STAGE_MESSAGE)
    return waiting.update(state=MessageState.BLOCKED, reason=reason[:300], finished_at=now)


def cancel_planned(lead: Lead, *, purposes: Iterable[str], reason: str, now: datetime, about: str = "") -> int:
    """Stop what waits of these purposes on a lead, or of it what has this in its key; return how many there were."""
    waiting = Message.rows().filter(lead=lead, state=MessageState.PENDING, purpose__in=list(purposes))
    waiting = waiting.filter(dedup_key__contains=about)
    return waiting.update(state=MessageState.BLOCKED, reason=reason[:300], finished_at=now)


def cancel_messages_to(points: list[ContactPoint], *, reason: str, now: datetime) -> int:
    """Stop everything not yet handed over for these numbers and addresses; return how many messages there were."""
    waiting = Message.rows().filter(contact_point__in=points, state=MessageState.PENDING)
    return waiting.update(state=MessageState.BLOCKED, reason=reason[:300], finished_at=now)


def cancel_messages_astray(person_ids: Iterable[UUID], *, now: datetime) -> int:
    """Stop what waits to go to these people about leads for which somebody else is contacted by now; return how many.

    What became theirs with a number or an address was judged by the other person's permissions.
    """
    ids = list(person_ids)
    waiting = Message.rows().filter(state=MessageState.PENDING, contact_point__person__in=ids)
    stopped = 0
    for message in waiting.select_related("contact_point__person", "lead").order_by("id"):
        if block := astray(message, message.lead):
            same = Message.rows().filter(id=message.id, state=MessageState.PENDING)
            stopped += same.update(state=MessageState.BLOCKED, reason=block, finished_at=now)
    return stopped


def record_delivery(
    *,
    channel: str,
    contact_value: str,
    result: DeliveryResult,
    reason: str,
    provider_ref: str,
    event_key: str,
    happened_at: datetime,
    now: datetime,
    message: Message | None = None,
) -> DeliveryEvent | None:
    """Keep a delivery event with the message it is about; None when it is known already.

    The message is found by the id that its sender gave it, else it is the last one sent to the address; `message`
    names one that was never given an id.
    """
    if DeliveryEvent.rows().filter(event_key=event_key).exists():
        return None
    row = DeliveryEvent(
        channel=channel,
        contact_value=contact_value[:254],
        message=message or _message_of(channel, contact_value, provider_ref),
        result=result,
        reason=reason[:200],
        happened_at=min(happened_at, now),
        recorded_at=now,
        event_key=event_key,
    )
    insert(row)
    return row


def confirm_address(address: str, *, reason: str, now: datetime) -> None:
    """Note that a person verified an address: what bounced before counts no longer against it."""
    row = DeliveryEvent(
        channel="email",
        contact_value=address[:254],
        result=DeliveryResult.CONFIRMED,
        reason=reason[:200],
        happened_at=now,
        recorded_at=now,
        event_key=f"confirmed:{new_id()}",
    )
    insert(row)


def keep_reply(*, submission_id: UUID, lead: Lead, message: Message | None, about: str, now: datetime) -> Reply:
    """Note that an inquiry answers a message or a campaign of ours, and on which lead."""
    row = Reply(submission_id=submission_id, lead=lead, message=message, about=about[:200], recorded_at=now)
    insert(row)
    return row


def _message_of(channel: str, contact_value: str, provider_ref: str) -> Message | None:
    rows = Message.rows().filter(channel=channel)
    ref = provider_ref.strip().strip("<>")
    named = rows.filter(provider_ref__in=[ref, f"<{ref}>"]).first() if ref else None
    sent = rows.filter(contact_point__value=contact_value, state__in=[MessageState.SENT, MessageState.UNKNOWN])
    return named or sent.order_by("-finished_at", "-id").first()
