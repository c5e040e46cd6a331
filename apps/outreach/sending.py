"""Send messages: reach the provider, claim in one transaction, begin the call, note the answer in another.

Between the claim and the call's beginning the gate is held open (`consent.gate_lock`), so that no call begins after
somebody stopped contact. A message that was handed over and whose answer was lost becomes `unknown`. It is not sent
again on its own: twice is worse than asking a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import stopped
from apps.consent.gate_lock import held_open
from apps.consent.queries import reaches, validity_for
from apps.consent.terms import Channel, ContactCode, Purpose
from apps.leads.actions import tell
from apps.leads.models import Lead, Task
from apps.leads.terms import READ_REPLY, StageKey
from apps.outreach import business
from apps.outreach.actions import PREFERENCES_PLACE, SCHEDULING_PLACE, SEND, STAGE_MESSAGE
from apps.outreach.cadence_terms import CADENCE_MESSAGE
from apps.outreach.cadences import block_of
from apps.outreach.confirmation import why_not_confirmed
from apps.outreach.late_words import filler_of
from apps.outreach.live_attempts import live_attempt
from apps.outreach.mail import MailCall, Whole, mail_of, whole_of
from apps.outreach.models import Message
from apps.outreach.pauses import why_paused
from apps.outreach.queries import astray, has_talked
from apps.outreach.template_decisions import fill
from apps.outreach.template_fit import why_not_its_words
from apps.outreach.terms import BY_HAND, FOLLOW_UP, OPT_OUT_CONFIRMATION, RECEIPTS, REFUSED, MessageState
from apps.outreach.texts import TextRefused, TextSender, TextUnknown, text_line, text_sender
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id, set_local, tenant_scope

#: So long a message of a lead in nurture waits where somebody is to contact the person: two at once are too many.
YIELDS_FOR = timedelta(hours=24)
#: So soon a message is looked at again where somebody is at work on the person.
SOON = timedelta(seconds=1)
#: So soon a message is looked at again that no vendor may carry now; an agreement that is executed wakes it at once.
ASKS_AGAIN = timedelta(hours=1)
#: What we planned to write, that nobody waits for.
PLANNED = (STAGE_MESSAGE, CADENCE_MESSAGE)
#: A claim waits no longer for a row: who stops contact must never lose against a sender.
CLAIM_LOCK_MS = "300ms"


@dataclass(frozen=True, slots=True)
class _Due:
    """A message that may go: on which channel, to whom, and which people are asked about."""

    channel: Channel
    value: str
    people: frozenset[UUID]


class _Unreached(Exception):
    """Nobody answered at the provider's; nothing was handed over."""


class _Call:
    """One way to the provider of a channel: open it, begin the call, await the answer."""

    def __init__(self, channel: Channel) -> None:
        self._way: TextSender | MailCall = text_sender() if channel is Channel.TEXT else MailCall()

    def open(self) -> None:
        """Reach the provider."""
        try:
            self._way.open()
        except OSError as error:
            raise _Unreached(type(error).__name__) from None

    def start(self, message: Message, whole: Whole) -> None:
        """Begin to hand the message over."""
        if isinstance(self._way, MailCall):
            self._way.start(mail_of(message, whole))
        else:
            self._way.start(key=message.id.hex, sender=message.line, to=message.contact_point.value, body=whole.body)

    def finish(self) -> str:
        """Return the provider's id of the message."""
        return self._way.finish()

    def close(self) -> None:
        """Leave the provider."""
        self._way.close()


#: A message that was claimed, with what goes.
Claimed = tuple[Message, Whole]


@outbox.own_scope_handler(SEND)
def send(organization_id: UUID, message_id: UUID, now: datetime) -> None:
    """Send one message, once. Asks consent again at the last moment (row CN-06).

    In the person's quiet hours it waits for the first minute that is allowed (row CN-18); a receipt does not go any
    more where somebody has talked with them, or closed the lead, meanwhile.
    """
    with tenant_scope(organization_id):
        due = _due(message_id, now)
    if due is None:
        return
    call = _Call(due.channel)
    try:
        call.open()
        provider_ref = _begin(organization_id, message_id, due, call, now)
    except _Unreached as error:
        _finish(organization_id, message_id, MessageState.FAILED, str(error))
    except (TimeoutError, TextUnknown) as error:
        _finish(organization_id, message_id, MessageState.UNKNOWN, f"no answer: {type(error).__name__}")
    except TextRefused as error:
        _finish(organization_id, message_id, MessageState.FAILED, f"{REFUSED}{error}")
    except OSError as error:
        _finish(organization_id, message_id, MessageState.FAILED, type(error).__name__)
    else:
        if provider_ref is not None:
            _finish(organization_id, message_id, MessageState.SENT, "", provider_ref)
    finally:
        call.close()


def _begin(organization_id: UUID, message_id: UUID, due: _Due, call: _Call, now: datetime) -> str | None:
    """Claim the message and begin its call while the gate is held open; await the answer after."""
    with held_open(organization_id, due.people, due.value) as is_open:
        claimed = _claimed(organization_id, message_id, due, now) if is_open else None
        if claimed is not None:
            call.start(*claimed)
    if not is_open:
        _again(organization_id, message_id, now + SOON)
    return call.finish() if claimed is not None else None


def _claimed(organization_id: UUID, message_id: UUID, due: _Due, now: datetime) -> Claimed | None:
    """Claim the message in a transaction of its own, by the clock of now: reaching the provider may have taken seconds.

    One that would wait for a row steps back.
    """
    try:
        with tenant_scope(organization_id):
            set_local("lock_timeout", CLAIM_LOCK_MS)
            return _claim(message_id, due, database_now())
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
    _again(organization_id, message_id, now + SOON)
    return None


def _again(organization_id: UUID, message_id: UUID, at: datetime) -> None:
    with tenant_scope(organization_id):
        outbox.enqueue(SEND, message_id, due_at=at)


def _due(message_id: UUID, now: datetime) -> _Due | None:
    """Return what has to be asked about the message; None where there is nothing to send (any more)."""
    message = Message.rows().select_related("contact_point__person", "lead").get(id=message_id)
    if message.state == MessageState.SENDING:
        # An earlier try died between handing over and noting the answer.
        why = "the sender stopped before the answer was noted"
        stuck = Message.rows().filter(id=message_id, state=MessageState.SENDING)
        stuck.update(state=MessageState.UNKNOWN, finished_at=now, reason=why)
        return None
    if message.state != MessageState.PENDING:
        return None
    return _Due(Channel(message.channel), message.contact_point.value, _people_of(message, message.lead))


def _people_of(message: Message, lead: Lead) -> frozenset[UUID]:
    holder = message.contact_point.person
    return frozenset({lead.contact_person_id or lead.person_id, holder.merged_into_id or holder.id})


def _claim(message_id: UUID, due: _Due, now: datetime) -> Claimed | None:
    """Move the message to `sending`; None when it does not go, or not now."""
    message = Message.rows().select_for_update(of=("self",)).select_related("contact_point__person").get(id=message_id)
    if message.state != MessageState.PENDING:
        return None
    lead = Lead.rows().select_related("person", "contact_person", "stage").get(id=message.lead_id)
    if not _people_of(message, lead) <= due.people:
        outbox.enqueue(SEND, message.id, due_at=now)
        return None
    block, opens_at = _block(message, lead, now)
    if not block and opens_at is None and (held := why_paused(message, lead) or _held_by_vendor(message, now)):
        _tell_held(message, lead, held, now)
        opens_at = now + ASKS_AGAIN
    if opens_at is not None:
        outbox.enqueue(SEND, message.id, due_at=opens_at)
        return None
    body = "" if block else _whole_body(message, now)
    if body is None:
        block = "Nothing is asked any more."
    _note_business(message, block, now)
    if block:
        message.state, message.reason, message.finished_at = MessageState.BLOCKED, block[:300], now
        message.save(update_fields=["state", "reason", "finished_at"])
        sender = system_actor(current_organization_id(), "sender")
        tell(lead, kind="message", sentence=f"Not sent: {message.title}. {block}", actor=sender, now=now)
        return None
    message.state, message.sending_at = MessageState.SENDING, now
    message.line = text_line() if message.channel == Channel.TEXT else ""
    message.save(update_fields=["state", "sending_at", "line"])
    return message, whole_of(message, body or "", lead.contact_person_id or lead.person_id, now)


def _note_business(message: Message, block: str, now: datetime) -> None:
    """Keep what was found out about a business mail before it went, or did not."""
    if message.permitted_as == Purpose.BUSINESS:
        found = block or "On no list of refusals; nothing on this channel was refused."
        business.note_check(message, found, goes=not block, now=now)


def _held_by_vendor(message: Message, now: datetime) -> str:
    """Return why whoever carries the message may not carry it now; a mail server is ours unless a vendor is named."""
    if message.channel == Channel.TEXT:
        return stopped(UseKind.TEXTS, now=now, is_own=text_sender().is_own)
    return stopped(UseKind.MAIL, now=now, is_own=True)


def _tell_held(message: Message, lead: Lead, why: str, now: datetime) -> None:
    """Let the message wait and its lead's story say why, once."""
    if message.reason == why[:300]:
        return
    message.reason = why[:300]
    message.save(update_fields=["reason"])
    sender = system_actor(current_organization_id(), "sender")
    tell(lead, kind="message", sentence=f"Waits: {message.title}. {why}", actor=sender, now=now)


def _whole_body(message: Message, now: datetime) -> str | None:
    """Return the text with what is filled in only now; None where the message is not wanted any more."""
    filler = filler_of(message.purpose)
    if filler is None:
        return str(message.body)
    words = filler(message, now)
    late = {"preferences_link": PREFERENCES_PLACE, "scheduling_link": SCHEDULING_PLACE}
    return None if words is None else fill(message.body, {**late, **words})


def _block(message: Message, lead: Lead, now: datetime) -> tuple[str, datetime | None]:
    """Return why the message must not go, or an empty text; and until when it waits where only the hour is wrong."""
    if message.purpose == OPT_OUT_CONFIRMATION:
        return why_not_confirmed(message, now) or _unfit(message), None
    if refusal := astray(message, lead) or block_of(message, lead) or why_not_its_words(message, lead):
        return refusal, None
    if message.purpose in RECEIPTS and has_talked(lead, since=message.created_at):
        return "Somebody has talked with them meanwhile.", None
    if message.purpose in (*RECEIPTS, STAGE_MESSAGE, BY_HAND, FOLLOW_UP) and lead.closed_at is not None:
        return "The lead was closed meanwhile.", None
    if message.purpose in PLANNED and Task.rows().filter(lead=lead, state="open", kind=READ_REPLY).exists():
        return "", now + YIELDS_FOR
    if message.purpose in PLANNED and lead.stage.key == StageKey.NURTURE:
        contacts = Task.rows().filter(lead=lead, state="open", channel__in=list(Channel))
        if contacts.exists():
            return "", now + YIELDS_FOR
    if message.purpose not in RECEIPTS and (live := live_attempt(lead, now)) is not None:
        return "", live.until
    if message.permitted_as == Purpose.BUSINESS and (refusal := business.why_not_sent(message, lead)):
        return refusal, None
    organization, channel = current_organization(), Channel(message.channel)
    document, zone = live_document("contact", now), organization.zone
    found = reaches(lead, now=now, document=document, default_zone=zone, purpose=message.permitted_as)
    reach = found[channel]
    if unfit := _unfit(message):
        return unfit, None
    verdict = reach.verdict
    if verdict.code == ContactCode.QUIET_HOURS:
        return verdict.sentence, verdict.opens_at
    if verdict.allowed:
        return "", None
    return f"{verdict.sentence}{_about(message)}", None


def _about(message: Message) -> str:
    """Say what a permission is missing for, where it is not the inquiry's."""
    return "" if message.permitted_as == Purpose.CARE_INQUIRY else f" It is asked for {message.permitted_as}."


def _unfit(message: Message) -> str:
    """Return why a number or an address takes no such message, or why there is no line to send it from."""
    channel = Channel(message.channel)
    if validity_for(message.contact_point, channel) == "invalid":
        return "The address is invalid." if channel is Channel.EMAIL else "The number takes no texts."
    return "There is no line to text from any more." if channel is Channel.TEXT and not text_line() else ""


def _finish(organization_id: UUID, message_id: UUID, state: MessageState, reason: str, provider_ref: str = "") -> None:
    with tenant_scope(organization_id):
        now = database_now()
        message = Message.rows().select_for_update().get(id=message_id)
        message.state, message.reason, message.finished_at = state, reason[:300], now
        message.provider_ref = provider_ref[:200]
        message.save(update_fields=["state", "reason", "finished_at", "provider_ref"])
        if state is MessageState.SENT:
            outbox.enqueue("outreach.sent", message_id)
        elif message.channel == Channel.TEXT and reason.startswith(REFUSED):
            outbox.enqueue("outreach.refused", message_id)
