"""E-mail delivery: what a mail service tells of the mails that we sent, normalised by django-anymail.

Read are Postmark's and Mailgun's events. Of opened and clicked mails only that it happened is used: where a link leads
would tell about health.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from anymail.exceptions import AnymailError
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView

from apps.connectors.decisions.answers import part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.mail_proofs import prove_mail, signed_once
from apps.connectors.terms import Event, Group, HookRequest, Notice, NoticeKind, Provider, Unmappable
from apps.outreach.terms import DeliveryResult, EngagementKind

_PASSING_TYPES = frozenset({"SoftBounce", "VirusNotification"})
_RESULTS = {
    EventType.DELIVERED: DeliveryResult.DELIVERED,
    EventType.COMPLAINED: DeliveryResult.COMPLAINED,
    EventType.UNSUBSCRIBED: DeliveryResult.UNSUBSCRIBED,
    EventType.FAILED: DeliveryResult.FAILED,
}
_ENGAGED = {EventType.OPENED: EngagementKind.OPENED, EventType.CLICKED: EngagementKind.CLICKED}
_REASONS = {
    RejectReason.INVALID: DeliveryResult.HARD_BOUNCE,
    RejectReason.BOUNCED: DeliveryResult.HARD_BOUNCE,
    RejectReason.TIMED_OUT: DeliveryResult.SOFT_BOUNCE,
    RejectReason.BLOCKED: DeliveryResult.BLOCKED,
    RejectReason.SPAM: DeliveryResult.BLOCKED,
    RejectReason.UNSUBSCRIBED: DeliveryResult.UNSUBSCRIBED,
}


class _Postmark(PostmarkTrackingWebhookView):  # type: ignore[misc]
    """Postmark's events; who sent them was proven before."""

    warn_if_no_basic_auth = False


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    try:
        found = _normalised(body)
        return [_event(body, found)]
    except (AnymailError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise Unmappable(f"The event cannot be read: {type(error).__name__}.") from error


def _normalised(body: Mapping[str, Any]) -> AnymailTrackingEvent:
    if "event-data" in body:
        return MailgunTrackingWebhookView(webhook_signing_key="proven-before").esp_to_anymail_event(body)
    if "RecordType" in body:
        return _Postmark().esp_to_anymail_event(body)
    raise Unmappable("The event is neither Mailgun's nor Postmark's.")


def _event(body: Mapping[str, Any], found: AnymailTrackingEvent) -> Event:
    kind, result = str(found.event_type), _result(body, found)
    ref, recipient = str(found.message_id or ""), str(found.recipient or "")
    named = str(found.event_id or "") or _digest(kind, ref, recipient, str(found.timestamp or ""))
    at = found.timestamp if found.timestamp is not None and found.timestamp.tzinfo else None
    if engaged := _ENGAGED.get(found.event_type):
        references = (ref,) if ref else ()
        notice = Notice(NoticeKind.ENGAGEMENT, "email", recipient, result=str(engaged), references=references)
        return Event(f"{kind}:{named}", kind=kind[:40], submitted_at=at, notice=notice)
    if result is None:
        return Event(f"{kind}:{named}", kind=kind[:40], submitted_at=at, ignored="Not the end of a delivery.")
    if not recipient:
        raise Unmappable("The event names no recipient.")
    words = str(found.reject_reason or "") or str(found.description or "")
    notice = Notice(
        NoticeKind.DELIVERY, "email", recipient, words=words[:180], result=str(result), references=(ref,) if ref else ()
    )
    return Event(f"{kind}:{named}", kind=kind[:40], submitted_at=at, notice=notice)


def _result(body: Mapping[str, Any], found: AnymailTrackingEvent) -> DeliveryResult | None:
    """Say how it ended. A bounce that is called soft, or only marked "other", is one for now."""
    if found.event_type in (EventType.BOUNCED, EventType.REJECTED):
        if text_at(body, "Type") in _PASSING_TYPES:
            return DeliveryResult.SOFT_BOUNCE
        if _says_unknown(body):
            return DeliveryResult.HARD_BOUNCE
        other = DeliveryResult.SOFT_BOUNCE if found.event_type == EventType.BOUNCED else DeliveryResult.FAILED
        return _REASONS.get(found.reject_reason, other)
    return _RESULTS.get(found.event_type)


def _says_unknown(body: Mapping[str, Any]) -> bool:
    """Say whether the receiving server's own code means that there is no such address (RFC 3463, 5.1.x)."""
    status = part_of(body, "event-data", "delivery-status")
    return text_at(status, "message").startswith("5.1.") or text_at(status, "enhanced-code").startswith("5.1.")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


PROVIDER = Provider(
    key="email-events",
    name="E-mail delivery events (Postmark, Mailgun)",
    group=Group.MAIL,
    capture_method="email",
    proof_hint="Mailgun: the webhook signing key. Postmark: a password in the address's user and password, or a"
    " header X-Hook-Secret.",
    prove=prove_mail,
    single_use=signed_once,
    read=_read,
    mapping={},
    sample="bounce",
)
