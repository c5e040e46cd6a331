"""What became of messages: keep each word of the sending service once, and let it change what is tried next."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.consent.queries import POINT_KIND
from apps.consent.terms import Channel
from apps.flows.delivered import follow_delivered
from apps.flows.engaging import note_message_engagement
from apps.flows.opt_out import opt_out_of_value
from apps.flows.reachability import give_up, no_texts, reached_again
from apps.leads import contact_health as health
from apps.leads.actions import tell
from apps.leads.models import ContactPoint
from apps.outreach.actions import record_delivery
from apps.outreach.decisions import TEXT_ERRORS
from apps.outreach.models import DeliveryEvent, Message
from apps.outreach.queries import bounced_at
from apps.outreach.terms import (
    BOUNCED,
    DELIVERY_WORDS,
    MOST_SOFT_FAILURES,
    REFUSALS,
    REFUSED,
    DeliveryResult,
    EngagementKind,
)
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.scope import current_organization_id

PASSING = frozenset({DeliveryResult.SOFT_BOUNCE, DeliveryResult.BLOCKED})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A word on one message; `contact_value` is a number in E.164 or an address in lower case."""

    channel: Channel
    contact_value: str
    result: DeliveryResult
    reason: str
    provider_ref: str
    event_key: str
    happened_at: datetime
    message: Message | None = None


@outbox.handler("outreach.refused")
def heed_refusal(message_id: UUID, now: datetime) -> None:
    """Let what a provider said instead of taking a text count as its later word would: no callback comes for it.

    Codes that say nothing of the number, such as those of our own account, change nothing on it.
    """
    message = Message.rows().select_related("contact_point").get(id=message_id)
    code = message.reason.removeprefix(REFUSED)
    if code not in TEXT_ERRORS:
        return
    told = Delivery(
        channel=Channel(message.channel),
        contact_value=message.contact_point.value,
        result=TEXT_ERRORS[code],
        reason=f"error {code}",
        provider_ref="",
        event_key=f"refused:{message.id}",
        happened_at=message.finished_at or now,
        message=message,
    )
    take_delivery(told, actor=system_actor(current_organization_id(), "sender"), now=now)


def take_delivery(delivery: Delivery, *, actor: Actor, now: datetime) -> DeliveryEvent | None:
    """Keep a delivery event and act on it; None when it came before.

    Delivered: what the rules let follow on it (row TK-03). For good: the address is invalid at once. For now: it is
    after three in a row. A complaint is an opt-out.
    """
    row = record_delivery(
        channel=delivery.channel,
        contact_value=delivery.contact_value,
        result=delivery.result,
        reason=delivery.reason,
        provider_ref=delivery.provider_ref,
        event_key=delivery.event_key,
        happened_at=delivery.happened_at,
        now=now,
        message=delivery.message,
    )
    if row is None:
        return None
    _tell(row, actor, now)
    if row.message is not None and row.result == DeliveryResult.DELIVERED:
        arrived, at = EngagementKind.DELIVERED, row.happened_at
        note_message_engagement(row.message, arrived, actor=actor, happened_at=at, now=now)
        follow_delivered(row.message, happened_at=at, actor=actor, now=now)
    points = health.points_with(POINT_KIND[delivery.channel], delivery.contact_value)
    if delivery.result in REFUSALS:
        words = DELIVERY_WORDS[delivery.result]
        opt_out_of_value(actor=actor, channel=delivery.channel, value=delivery.contact_value, words=words, now=now)
    else:
        _weigh(delivery, points, actor, now)
    return row


def _weigh(delivery: Delivery, points: list[ContactPoint], actor: Actor, now: datetime) -> None:
    words = f"{delivery.channel} {DELIVERY_WORDS[delivery.result]}"
    if delivery.result is DeliveryResult.DELIVERED:
        health.count_success(points)
        _works_again(delivery, points, actor, now)
    elif delivery.result is DeliveryResult.HARD_BOUNCE:
        give_up(points, reason=words, actor=actor, now=now)
    elif delivery.result is DeliveryResult.TAKES_NO_TEXTS:
        no_texts(points, actor=actor, now=now)
    elif delivery.result in PASSING or (delivery.channel is Channel.TEXT and delivery.result is DeliveryResult.FAILED):
        times = health.count_failure(points, reason=words, by=actor.label, now=now)
        if times >= MOST_SOFT_FAILURES:
            give_up(points, reason=f"{words}, {times} times in a row", actor=actor, now=now)


def _works_again(delivery: Delivery, points: list[ContactPoint], actor: Actor, now: datetime) -> None:
    """Let an address count again that mail reached after it had bounced; what was found out of a person stays."""
    unusable = [each for each in points if each.validity == "invalid" and each.health_reason == BOUNCED]
    if not unusable or bounced_at([delivery.contact_value]):
        return
    for point in unusable:
        health.make_usable(point, validity="unverified", reason="a mail reached it", by=actor.label, now=now)
        reached_again(point.person, [point], actor=actor, now=now)


def _tell(row: DeliveryEvent, actor: Actor, now: datetime) -> None:
    """Say it on the lead of the message; that something arrived is no news."""
    if row.message is None or row.result == DeliveryResult.DELIVERED:
        return
    words = DELIVERY_WORDS[DeliveryResult(row.result)]
    because = f" ({row.reason})" if row.reason else ""
    sentence = f"{row.message.title}: {words}{because}."
    tell(row.message.lead, kind="message", sentence=sentence, actor=actor, now=now)
