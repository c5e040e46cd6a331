"""The page that writes to a person: the words to choose from, what the chosen ones say, and what the gate says."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.consent.terms import Channel
from apps.flows.reaching import channels_of
from apps.flows.writing import Preview, preview_of, templates_judged
from apps.leads.models import Lead
from apps.outreach.models import Message, TemplateVersion
from apps.outreach.queries import messages_of
from apps.outreach.template_fit import Judged, for_what
from apps.outreach.templates import tags_of
from apps.outreach.terms import MessageState
from apps.tenancy.actor import Actor
from apps.workspace.consent_tiles import tiles_of
from apps.workspace.words import Wall, plain

#: So many characters a text has in one part; a longer one is sent in several.
ONE_PART = 160
BY_CHANNEL = {Channel.EMAIL: gettext_noop("Email"), Channel.TEXT: gettext_noop("Text"), Channel.CALL: "Call"}
STATE_WORDS = {
    MessageState.PENDING: gettext_noop("waits to go"),
    MessageState.SENDING: gettext_noop("on its way"),
    MessageState.SENT: gettext_noop("sent"),
    MessageState.FAILED: gettext_noop("failed"),
    MessageState.BLOCKED: gettext_noop("not sent"),
    MessageState.UNKNOWN: gettext_noop("unknown whether it went"),
}
LANGUAGES = {"es": gettext_noop("Spanish")}


def message_page(lead: Lead, actor: Actor, wall: Wall, chosen: str) -> dict[str, Any]:
    """Return the list of offered words, the preview of the chosen ones, and what may be sent by which channel now."""
    judged, before = templates_judged(lead, wall.now, reader=actor), messages_of(lead)
    offered = [each.row for each in judged if not each.why]
    row = next((each for each in offered if str(each.id) == chosen), None)
    return {
        "offered": [_option(each, lead, chosen, before, wall) for each in offered],
        "left_out": [_left_out(each) for each in judged if each.why],
        "preview": _shown(preview_of(lead, row, reader=actor, now=wall.now), wall) if row is not None else None,
        "consent": tiles_of(lead, channels_of([lead], wall.now, wall.zone)[lead.id], actor, wall),
        "waiting": [each.title for each in before if each.state == MessageState.PENDING],
    }


def state_of(message: Message) -> str:
    """Return how far a message is, in words."""
    return _(STATE_WORDS[MessageState(message.state)])


def _option(row: TemplateVersion, lead: Lead, chosen: str, before: list[Message], wall: Wall) -> dict[str, Any]:
    key, channel, tags = row.template.key, Channel(row.template.channel), tags_of(row)
    last = next((each for each in before if (each.template_key, each.channel) == (key, str(channel))), None)
    language = _(LANGUAGES[row.template.language]) if row.template.language in LANGUAGES else ""
    return {
        "title": _title(row),
        "icon": str(channel),
        "about": " · ".join(filter(None, [_(BY_CHANNEL[channel]), for_what(tags), plain(tags.goal), language])),
        "last": _("%(state)s, %(at)s") % {"state": state_of(last), "at": wall.at(last.created_at)} if last else "",
        "url": f"{reverse('workspace:write_message', args=[lead.id])}?words={row.id}",
        "current": str(row.id) == chosen,
    }


def _title(row: TemplateVersion) -> str:
    return row.subject or plain(row.template.key.replace("-", "_")).capitalize()


def _left_out(judged: Judged) -> dict[str, Any]:
    """Return words that are not for this lead, and why."""
    channel = Channel(judged.row.template.channel)
    return {"title": _title(judged.row), "icon": str(channel), "channel": _(BY_CHANNEL[channel]), "why": judged.why}


def _shown(found: Preview, wall: Wall) -> dict[str, Any]:
    row, is_text, length = found.row, found.row.template.channel == Channel.TEXT, len(found.body)
    parts = _("%(n)s characters, %(parts)s part(s)") % {"n": length, "parts": -(-length // ONE_PART)}
    stop = _("Says how to end texts: STOP.") if is_text else _("Says how to stop: one press, and a link of their own.")
    if found.waits_until is not None:
        gate = _("Quiet hours there. It waits and goes %(at)s.") % {"at": wall.at(found.waits_until)}
    else:
        gate = found.refusal or _("May go now. %(why)s") % {"why": found.reach.verdict.sentence}
    return {
        "subject": found.subject,
        "body": found.body,
        "goes": found.goes,
        "gate": gate,
        "gate_icon": "stop" if not found.goes else "later" if found.waits_until is not None else "tick",
        "notes": [*([parts] if is_text else []), stop, _phi(found)],
        "version": _("Version %(n)s, approved by %(who)s") % {"n": row.number, "who": row.approver_label},
    }


def _phi(found: Preview) -> str:
    if found.hides:
        return _("Names health data, which is hidden from your role here; approved for that.")
    return _("Names health data; approved for that.") if found.holds_phi else _("Names no health data.")
