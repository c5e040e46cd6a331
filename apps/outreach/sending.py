"""Send messages: claim in one transaction, talk to the provider in none, note the answer in another.

A message that was handed over and whose answer was lost becomes `unknown`. It is not sent again on
its own: twice is worse than asking a person.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import make_msgid
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.consent.queries import reaches, validity_for
from apps.consent.terms import Channel, ContactCode
from apps.leads.actions import tell
from apps.leads.models import Lead, Task
from apps.leads.terms import StageKey
from apps.outreach.actions import SEND, STAGE_MESSAGE, fill
from apps.outreach.late_words import filler_of
from apps.outreach.models import Message
from apps.outreach.queries import astray, has_talked
from apps.outreach.terms import RECEIPTS, REFUSED, MessageState
from apps.outreach.texts import TextRefused, TextUnknown, text_line, text_sender
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id, tenant_scope

#: So long a message of a lead in nurture waits where somebody is to contact the person: two at once are too many.
YIELDS_FOR = timedelta(hours=24)

#: Hands a message over and returns the provider's id of it.
HandOver = Callable[[], str]


@outbox.own_scope_handler(SEND)
def send(organization_id: UUID, message_id: UUID, now: datetime) -> None:
    """Send one message, once. Asks consent again at the last moment (row CN-06).

    In the person's quiet hours it waits for the first minute that is allowed (row CN-18); a receipt does not go any
    more where somebody has talked with them, or closed the lead, meanwhile.
    """
    with tenant_scope(organization_id):
        hand_over = _claim(message_id, now)
    if hand_over is None:
        return
    try:
        provider_ref = hand_over()
    except (TimeoutError, TextUnknown) as error:
        _finish(organization_id, message_id, MessageState.UNKNOWN, f"no answer: {type(error).__name__}")
    except TextRefused as error:
        _finish(organization_id, message_id, MessageState.FAILED, f"{REFUSED}{error}")
    except OSError as error:
        _finish(organization_id, message_id, MessageState.FAILED, type(error).__name__)
    else:
        _finish(organization_id, message_id, MessageState.SENT, "", provider_ref)


def _claim(message_id: UUID, now: datetime) -> HandOver | None:
    """Move the message to `sending`; None when there is nothing to send (any more)."""
    message = Message.rows().select_for_update(of=("self",)).select_related("contact_point__person").get(id=message_id)
    if message.state == MessageState.SENDING:
        # An earlier try died between handing over and noting the answer.
        message.state, message.finished_at = MessageState.UNKNOWN, now
        message.reason = "the sender stopped before the answer was noted"
        message.save(update_fields=["state", "finished_at", "reason"])
        return None
    if message.state != MessageState.PENDING:
        return None
    block, opens_at = _block(message, now)
    if opens_at is not None:
        outbox.enqueue(SEND, message.id, due_at=opens_at)
        return None
    body = "" if block else _whole_body(message, now)
    if body is None:
        block = "Nothing is asked any more."
    if block:
        message.state, message.reason, message.finished_at = MessageState.BLOCKED, block[:300], now
        message.save(update_fields=["state", "reason", "finished_at"])
        sender, lead = system_actor(current_organization_id(), "sender"), Lead.rows().get(id=message.lead_id)
        tell(lead, kind="message", sentence=f"Not sent: {message.title}. {block}", actor=sender, now=now)
        return None
    message.state, message.sending_at = MessageState.SENDING, now
    message.line = text_line() if message.channel == Channel.TEXT else ""
    message.save(update_fields=["state", "sending_at", "line"])
    return _text(message, body or "") if message.channel == Channel.TEXT else _mail(message, body or "")


def _whole_body(message: Message, now: datetime) -> str | None:
    """Return the text with what is filled in only now; None where the message is not wanted any more."""
    filler = filler_of(message.purpose)
    if filler is None:
        return str(message.body)
    words = filler(message, now)
    return None if words is None else fill(message.body, words)


def _mail(message: Message, body: str) -> HandOver:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.contact_point.value],
        headers={
            "Message-ID": make_msgid(idstring=message.id.hex, domain="leadcrm.example"),
            "Auto-Submitted": "auto-generated",
        },
    )

    def hand_over() -> str:
        mail.send()
        return str(mail.extra_headers["Message-ID"])

    return hand_over


def _text(message: Message, body: str) -> HandOver:
    sender, to = message.line, message.contact_point.value
    return lambda: text_sender().send(key=message.id.hex, sender=sender, to=to, body=body)


def _block(message: Message, now: datetime) -> tuple[str, datetime | None]:
    """Return why the message must not go, or an empty text; and until when it waits where only the hour is wrong."""
    lead = Lead.rows().select_related("person", "contact_person", "stage").get(id=message.lead_id)
    if elsewhere := astray(message, lead):
        return elsewhere, None
    if message.purpose in RECEIPTS and has_talked(lead, since=message.created_at):
        return "Somebody has talked with them meanwhile.", None
    if message.purpose in (*RECEIPTS, STAGE_MESSAGE) and lead.closed_at is not None:
        return "The lead was closed meanwhile.", None
    if message.purpose == STAGE_MESSAGE and lead.stage.key == StageKey.NURTURE:
        contacts = Task.rows().filter(lead=lead, state="open", channel__in=list(Channel))
        if contacts.exists():
            return "", now + YIELDS_FOR
    organization, channel = current_organization(), Channel(message.channel)
    reach = reaches(lead, now=now, document=live_document("contact", now), default_zone=organization.zone)[channel]
    if validity_for(message.contact_point, channel) == "invalid":
        return ("The address is invalid." if channel is Channel.EMAIL else "The number takes no texts."), None
    if channel is Channel.TEXT and not text_line():
        return "There is no line to text from any more.", None
    verdict = reach.verdict
    if verdict.code == ContactCode.QUIET_HOURS:
        return verdict.sentence, verdict.opens_at
    return ("" if verdict.allowed else verdict.sentence), None


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
