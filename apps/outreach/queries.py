"""Read contacts."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from apps.consent.terms import Channel
from apps.leads.models import ContactPoint, Lead
from apps.outreach.models import Activity, DataRequest, DeliveryEvent, Message, Reply
from apps.outreach.terms import DECIDING, GONE, REACHED, ActivityKind, DeliveryResult, RequestState


def activities_of(lead: Lead) -> list[Activity]:
    """Return the lead's contacts, newest first."""
    return list(Activity.rows().filter(lead=lead).select_related("team", "member__user").order_by("-started_at", "-id"))


def messages_of(lead: Lead) -> list[Message]:
    """Return the lead's messages, newest first."""
    return list(Message.rows().filter(lead=lead).select_related("contact_point").order_by("-created_at", "-id"))


def last_words_on(messages: Iterable[Message]) -> dict[UUID, tuple[str, datetime]]:
    """Return the last word of whoever carried each of these messages, and when it was said of; one query for all."""
    rows = DeliveryEvent.rows().filter(message__in=list(messages)).order_by("happened_at", "recorded_at")
    return {message_id: (result, at) for message_id, result, at in rows.values_list("message", "result", "happened_at")}


def replies_of(lead: Lead) -> list[Reply]:
    """Return what the person answered, newest first."""
    return list(Reply.rows().filter(lead=lead).order_by("-recorded_at", "-id"))


def data_requests_of(lead: Lead) -> list[DataRequest]:
    """Return what the person was asked for by a link, newest first."""
    return list(DataRequest.rows().filter(lead=lead).select_related("message").order_by("-created_at", "-id"))


def answered_by_link(lead: Lead) -> dict[str, datetime]:
    """Return when the person last told each field by a link."""
    rows = DataRequest.rows().filter(lead=lead, state=RequestState.ANSWERED).order_by("ended_at")
    found: dict[str, datetime] = {}
    for asked, at in rows.values_list("asked", "ended_at"):
        found |= dict.fromkeys(asked, at)
    return found


def attempts_since(person_ids: Iterable[UUID], since: datetime) -> int:
    """Return how often these people were called or texted since an instant."""
    return (
        Activity.rows()
        .filter(
            lead__person_id__in=list(person_ids),
            started_at__gte=since,
            direction="outbound",
            kind__in=[ActivityKind.CALL, ActivityKind.TEXT],
        )
        .count()
    )


def attempts_today(lead: Lead, now: datetime) -> int:
    """Return the attempts of the last 24 hours across all leads of the person."""
    return attempts_since([lead.person_id], now - timedelta(days=1))


def bounced_at(addresses: Iterable[str]) -> dict[str, datetime]:
    """Return which of these addresses are on the bounced list, and since when: nothing newer says that they work."""
    wanted = list(addresses)
    if not wanted:
        return {}
    rows = DeliveryEvent.rows().filter(channel="email", contact_value__in=wanted, result__in=DECIDING)
    last = rows.order_by("contact_value", "-happened_at", "-recorded_at").distinct("contact_value")
    told = last.values_list("contact_value", "happened_at", "result")
    return {address: at for address, at, result in told if result == DeliveryResult.HARD_BOUNCE}


def last_text_to(number: str, line: str) -> Message | None:
    """Return the last text that went, or may have gone, from a line of ours to a number, whoever's it is."""
    points = ContactPoint.rows().filter(kind="phone", value=number).values_list("id", flat=True)
    rows = Message.rows().filter(channel=Channel.TEXT, contact_point__in=list(points), line=line, state__in=GONE)
    found: Message | None = rows.select_related("lead__campaign", "contact_point__person").order_by("sending_at").last()
    return found


def has_talked(lead: Lead, since: datetime | None = None) -> bool:
    """Say whether somebody of ours has talked with the person about this lead, at all or since an instant."""
    talks = Activity.rows().filter(lead=lead, outcome__in=[str(each) for each in REACHED])
    return (talks.filter(started_at__gte=since) if since else talks).exists()


def astray(message: Message, lead: Lead) -> str:
    """Say that a message would go to somebody else than whom its lead's messages go to; "" where it does not.

    A number or an address of a person who was merged into another one is that one's.
    """
    holder = message.contact_point.person
    if (holder.merged_into_id or holder.id) == (lead.contact_person_id or lead.person_id):
        return ""
    return f"The {'address' if message.channel == Channel.EMAIL else 'number'} is another person's now."
