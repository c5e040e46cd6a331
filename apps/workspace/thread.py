"""What was written to a person about a lead and what they answered, message by message."""

from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.audit import ledger
from apps.capture.queries import processed_at
from apps.consent.terms import Channel
from apps.flows.masking import reads_health, reads_service
from apps.leads.models import Lead
from apps.outreach.models import Message, Reply
from apps.outreach.queries import messages_of, replies_of
from apps.outreach.sent_queries import Became, became_of
from apps.outreach.template_fit import for_what
from apps.outreach.terms import MessageState
from apps.privacy import details
from apps.tenancy.actor import Actor
from apps.workspace.message_page import BY_CHANNEL, state_of
from apps.workspace.words import Wall, plain

MOST_SHOWN = 20


def thread_of(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return the newest messages with their answers; words for who reads health, which is kept.

    Nothing where the role does not see what was said to people. An answer that names no message stands by itself.
    """
    if FieldGroup.CONTACT in actor.hidden_fields:
        return []
    rows, answers = messages_of(lead)[:MOST_SHOWN], replies_of(lead)
    said = _words(lead, answers, actor)
    became = became_of(rows)
    by_message: dict[object, list[dict[str, str]]] = {}
    for each in answers:
        entry = {"at": wall.at(each.recorded_at), "words": said.get(each.id, "")}
        by_message.setdefault(each.message_id, []).append(entry)
    shown = [_message(row, became[row.id], by_message.pop(row.id, []), actor, wall) for row in rows]
    alone = [entry for entries in by_message.values() for entry in entries]
    if rows and reads_health(actor):
        ledger.record_read(actor=actor, what="message", object_ids=[row.id for row in rows], fields=["body"])
    return [*shown, *({"answers": [entry]} for entry in alone)]


def _message(row: Message, became: Became, answers: list[dict[str, str]], actor: Actor, wall: Wall) -> dict[str, Any]:
    tells = reads_health(actor)
    said = [_(BY_CHANNEL[Channel(row.channel)]), for_what(became.tags) if reads_service(actor) else ""]
    state = became.delivery if row.state == MessageState.SENT and became.delivery else state_of(row)
    return {
        "at": wall.at(row.finished_at or row.created_at),
        "icon": row.channel,
        "title": row.title if tells else plain(row.purpose).capitalize(),
        "body": row.body if tells else "",
        "about": " · ".join(filter(None, [*said, plain(became.tags.goal), row.written_by or _("automatic")])),
        "state": ", ".join([state, *(each for each in became.deeds if each != "answered")]),
        "reason": row.reason,
        "answers": answers,
    }


def _words(lead: Lead, answers: list[Reply], actor: Actor) -> dict[object, str]:
    """Return what the person wrote in each answer; it was kept at the instant at which the answer was taken in."""
    if not answers or not reads_health(actor):
        return {}
    taken = processed_at([each.submission_id for each in answers])
    told = {
        each.created_at: each.text for each in details.read(actor=actor, subject_id=lead.id) if each.kind == "message"
    }
    return {each.id: told.get(taken[each.submission_id], "") for each in answers if each.submission_id in taken}
