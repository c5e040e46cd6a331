"""The list of what was written to people: how far each message is, what became of it, and about which lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.consent.terms import Channel
from apps.flows.masking import reads_health, reads_service
from apps.flows.packages import narrowed, withheld_from
from apps.outreach.models import Message
from apps.outreach.sent_queries import Asked, became_of, behind, messages_like
from apps.outreach.template_fit import for_what
from apps.outreach.terms import MessageState
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem
from apps.workspace.message_page import BY_CHANNEL, state_of
from apps.workspace.words import Wall, name_of, plain

PAGE_SIZE = 50
SPANS = {"1": 1, "7": 7, "30": 30, "365": 365}
_SALT = "leadcrm.messages"


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of messages, and the cursor of the next; empty at the end."""

    rows: Sequence[dict[str, Any]]
    next_cursor: str


def may_list(actor: Actor) -> bool:
    """Say whether somebody looks at the messages of all teams: who sees every lead."""
    return not actor.is_agency and actor.may(Permission.LEAD_VIEW) and actor.may(Permission.LEAD_VIEW_ALL)


def asked_of(query: Any, now: datetime) -> Asked:
    """Return what an address asks for; words that nobody knows ask for nothing."""
    state, channel = query.get("state", ""), query.get("channel", "")
    return Asked(
        since=now - timedelta(days=SPANS.get(query.get("days", ""), 30)),
        state=state if state in list(MessageState) else "",
        channel=channel if channel in list(Channel) else "",
        purpose=query.get("purpose", "")[:30],
        template=query.get("template", "")[:63],
    )


def messages_listed(actor: Actor, asked: Asked, wall: Wall, after: str = "") -> Listed:
    """Return a page of the messages about leads that the actor sees. Words stand there for who reads health.

    Raises NotFound for who does not see the leads of all teams. What was read is kept.
    """
    if not may_list(actor):
        raise NotFound
    rows = messages_like(asked).filter(lead__in=visible_leads(actor), lead__is_test=False)
    if after:
        rows = rows.filter(behind(*_decode(after)))
    found = list(rows.select_related("lead__person", "lead__contact_person")[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    became, withheld = became_of(page), withheld_from(actor, list({row.lead_id for row in page}))
    shown = []
    for row in page:
        reader = narrowed(actor, withheld.get(row.lead_id, ()))
        tags, tells = became[row.id].tags, reads_health(reader)
        said = (for_what(tags) if reads_service(reader) else "", plain(tags.goal))
        shown.append(
            {
                "at": wall.at(row.created_at),
                "channel": _(BY_CHANNEL[Channel(row.channel)]),
                "icon": row.channel,
                "title": row.title if tells else plain(row.purpose).capitalize(),
                "body": row.body if tells else "",
                "for": " · ".join(filter(None, said)),
                "lead_url": reverse("workspace:lead", args=[row.lead_id]),
                "ref": row.lead.ref,
                "name": name_of(reader, row.lead.contact_person or row.lead.person),
                "by": row.written_by or _("automatic"),
                "state": state_of(row),
                "is_wrong": row.state in (MessageState.FAILED, MessageState.UNKNOWN),
                "reason": row.reason,
                "became": [each for each in (became[row.id].delivery, *became[row.id].deeds) if each],
                "words": _("%(key)s v%(n)s") % {"key": row.template_key, "n": row.template_version} if tells else "",
            }
        )
    if page:
        ledger.record_read(actor=actor, what="message", object_ids=[row.id for row in page], fields=["body", "name"])
    return Listed(shown, _encode(page[-1]) if len(found) > PAGE_SIZE else "")


def _encode(row: Message) -> str:
    return signing.dumps([row.created_at.isoformat(), row.id.hex], salt=_SALT)


def _decode(text: str) -> tuple[datetime, UUID]:
    try:
        at, message_id = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        problem = Problem("/after", "bad_cursor", "Start at the first page.")
        raise Invalid("This page is not one of the list's. Start at the first.", (problem,)) from error
    return datetime.fromisoformat(at), UUID(message_id)
