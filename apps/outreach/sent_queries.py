"""Messages as lists show them: which went, what became of each at its receiver, and what the person did (TN-17)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.outreach.models import DeliveryEvent, Engagement, Message, Reply, TemplateVersion
from apps.outreach.template_terms import Tags
from apps.outreach.templates import tags_of
from apps.outreach.terms import DELIVERY_WORDS, DeliveryResult, EngagementKind

#: How what a person did with a message is said in one word, most telling first.
DEEDS = {
    EngagementKind.REPLIED: "answered",
    EngagementKind.SCHEDULING_LINK: "followed the scheduling link",
    EngagementKind.CLICKED: "followed a link",
    EngagementKind.OPENED: "opened",
}


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a message: the last word of its sender, what the person did, and what its words are for."""

    delivery: str = ""
    deeds: tuple[str, ...] = ()
    tags: Tags = Tags()


def became_of(rows: Iterable[Message]) -> dict[UUID, Became]:
    """Return what became of messages, in four queries however many they are."""
    found = {row.id: row.words_id for row in rows}
    delivered: dict[UUID, str] = {}
    events = DeliveryEvent.rows().filter(message_id__in=list(found)).order_by("happened_at", "recorded_at")
    for message_id, result in events.values_list("message_id", "result"):
        delivered[message_id] = DELIVERY_WORDS[DeliveryResult(result)]
    did: dict[UUID, set[str]] = defaultdict(set)
    engaged = Engagement.rows().filter(message_id__in=list(found)).exclude(kind=EngagementKind.DELIVERED)
    for message_id, kind in engaged.values_list("message_id", "kind"):
        did[message_id].add(kind)
    for message_id in Reply.rows().filter(message_id__in=list(found)).values_list("message_id", flat=True):
        did[message_id].add(EngagementKind.REPLIED)
    versions = TemplateVersion.rows().filter(id__in=[each for each in found.values() if each])
    tags = {row.id: tags_of(row) for row in versions}
    return {
        message_id: Became(
            delivered.get(message_id, ""),
            tuple(word for kind, word in DEEDS.items() if kind in did[message_id]),
            tags.get(words_id, Tags()) if words_id else Tags(),
        )
        for message_id, words_id in found.items()
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages a list shows; an empty word is not asked for."""

    since: datetime
    state: str = ""
    channel: str = ""
    purpose: str = ""
    template: str = ""


def messages_like(asked: Asked) -> QuerySet[Message]:
    """Return the messages that are asked for, newest first."""
    rows = Message.rows().filter(created_at__gte=asked.since)
    named: Mapping[str, str] = {
        "state": asked.state,
        "channel": asked.channel,
        "purpose": asked.purpose,
        "template_key": asked.template,
    }
    for name, value in named.items():
        rows = rows.filter(**{name: value}) if value else rows
    return rows.order_by("-created_at", "-id")


def behind(at: datetime, message_id: UUID) -> Q:
    """Return the condition of the messages behind a place of such a list."""
    return Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(id__lt=message_id))
