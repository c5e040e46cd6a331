"""Reaching the person: calls, permissions, numbers, passing over a lead."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from apps.consent.terms import Channel
from apps.exceptions.terms import ASKED_WORDS
from apps.flows import (
    business_mail,
    calls,
    collecting,
    leasing,
    opt_out,
    reachability,
    self_scheduling,
)
from apps.flows.live import beside_live
from apps.flows.reaching import channels_of
from apps.flows.scripted import asking_of, reading_of
from apps.flows.spoken_consent import is_talk, spoken_question
from apps.leads.models import Lead
from apps.outreach.business import business_templates
from apps.outreach.queries import data_requests_of
from apps.outreach.scheduling_links import links_of
from apps.outreach.terms import ActivityKind, Basis, Direction, Outcome
from apps.tenancy.actor import Actor
from apps.workspace import picklists
from apps.workspace.asked_by_link import link_line, request_line
from apps.workspace.call_effects import effects_shown
from apps.workspace.consent_tiles import tiles_of
from apps.workspace.telephone import call_shown, dial_link, filled_in
from apps.workspace.web import forms
from apps.workspace.web.booking_form import SendLink
from apps.workspace.web.business_form import BusinessMail
from apps.workspace.web.deeds.deed import Deed, Sent
from apps.workspace.words import Wall, contact_of


def _log_call(sent: Sent) -> object:
    values = sent.values
    seconds = (values["minutes"] or 0) * 60 + (values["seconds"] or 0)
    kind, outcome = ActivityKind(values["kind"]), Outcome(values["outcome"])
    contact = calls.Contact(
        kind=calls.KIND_OF.get(outcome, kind) if kind is ActivityKind.CALL else kind,
        outcome=outcome,
        started_at=values["started_at"] or sent.now - timedelta(seconds=seconds),
        duration_seconds=seconds,
        direction=Direction(values["direction"] or Direction.OUTBOUND),
        note=values["note"].strip(),
        next_at=values["next_at"],
        next_channel=values["next_channel"],
        dedup_key=f"page:{sent.key}"[:80] if sent.key.isprintable() and sent.key else "",
        stops=tuple(Channel(each) for each in values["stops"]),
        agrees_to_calls=_answer_of(values),
        script=values["script"],
    )
    return calls.log_call(actor=sent.actor, lead_id=sent.lead.id, contact=contact, now=sent.now, version=sent.version)


def _answer_of(values: Mapping[str, Any]) -> bool | None:
    """Return what they said of calls; what was ticked before another end was chosen is no answer."""
    said = values.get("spoken_consent") if is_talk(values["kind"], values["outcome"]) else ""
    return said == "yes" if said else None


def _answers(lead: Lead, now: datetime) -> dict[str, forms.Choices]:
    """Return the answers to the script; none where calls are permitted on record and nobody need ask."""
    needs = spoken_question(lead, now) is not None
    return {"spoken_consent": [("yes", _("Yes, they agree")), ("no", _("No calls"))] if needs else []}


_UNNAMED = gettext_lazy("Do not name the service or the reason of the call.")
_UNNAMED_VOICEMAIL = gettext_lazy("Say your name, the organization and your number.")
_UNNAMED_OTHER = gettext_lazy("Say your name and the organization, and ask when you can reach them.")


def _beside_call(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    next_at = _next_try(lead, wall)["next_at"]
    reading = reading_of(lead, wall.now, reader=actor)
    open_now = beside_live(channels_of([lead], wall.now, wall.zone)[lead.id], lead, actor, wall.now)
    return {
        "attempt_label": _("Attempt %(n)s") % {"n": lead.attempts + 1},
        "consent": tiles_of(lead, open_now, actor, wall),
        "dial": dial_link(lead, open_now[Channel.CALL], actor, wall.now),
        "reading": reading,
        "call": call_shown(lead, wall),
        "voicemail": reading.voicemail if reading and reading.voicemail else (_UNNAMED_VOICEMAIL, _UNNAMED),
        "someone_else": reading.someone_else if reading and reading.someone_else else (_UNNAMED_OTHER, _UNNAMED),
        "asking": asking_of(lead, wall.now, reader=actor),
        "read_aloud": spoken_question(lead, wall.now),
        "effects": effects_shown(lead, [each for each, _label in forms.OUTCOMES], next_at, wall),
    }


def _next_try(lead: Lead, wall: Wall) -> dict[str, Any]:
    """Propose the next working day, at a quarter past ten where they are, for what the rules say nothing of."""
    zone = ZoneInfo(contact_of(lead).zone or wall.zone)
    day = wall.now.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return {"next_at": datetime.combine(day, time(10, 15), zone)}


def _opt_out(sent: Sent) -> object:
    values = sent.values
    return opt_out.opt_out(
        actor=sent.actor,
        lead_id=sent.lead.id,
        channels=[Channel(each) for each in values["channels"]],
        reason=values["reason"].strip(),
        source=values["source"],
        words=values["words"].strip(),
        now=sent.now,
    )


def _allow(sent: Sent) -> object:
    values = sent.values
    return opt_out.widen(
        actor=sent.actor,
        lead_id=sent.lead.id,
        channel=Channel(values["channel"]),
        evidence_kind=values["evidence_kind"],
        evidence_ref=values["evidence_ref"].strip(),
        reason=values["reason"].strip(),
        now=sent.now,
        only_lead=values["limited_to"],
        expires_at=values["expires_at"],
    )


def _judge_point(sent: Sent) -> object:
    values = sent.values
    return reachability.judge_point(
        actor=sent.actor,
        lead_id=sent.lead.id,
        point_id=UUID(values["point"]),
        works=values["works"] == "yes",
        reason=values["reason"],
        now=sent.now,
    )


def _ask_person(sent: Sent) -> object:
    return collecting.ask_person(
        actor=sent.actor, lead_id=sent.lead.id, fields=sent.values["fields_asked"], now=sent.now
    )


def _send_link(sent: Sent) -> object:
    return self_scheduling.send_scheduling_link(actor=sent.actor, lead_id=sent.lead.id, now=sent.now)


def _beside_link(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return the links that went before, newest first, and the channels that are permitted now."""
    return {
        "consent": tiles_of(lead, channels_of([lead], wall.now, wall.zone)[lead.id], actor, wall),
        "links": [link_line(each, wall) for each in links_of(lead)],
    }


def _missing(lead: Lead, now: datetime) -> dict[str, forms.Choices]:
    return {"fields_asked": [(each, _(ASKED_WORDS[each]).capitalize()) for each in collecting.missing_of(lead)]}


def _beside_asking(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return what was asked before, newest first, and the channels that are permitted now."""
    return {
        "consent": tiles_of(lead, channels_of([lead], wall.now, wall.zone)[lead.id], actor, wall),
        "requests": [request_line(each, wall) for each in data_requests_of(lead)],
    }


def _write_business(sent: Sent) -> object:
    values = sent.values
    mail = business_mail.NewMail(values["template"], values["about"], Basis(values["basis"]))
    return business_mail.write_business_mail(actor=sent.actor, lead_id=sent.lead.id, mail=mail, now=sent.now)


def _business_templates(lead: Lead, now: datetime) -> dict[str, forms.Choices]:
    titles = {each.template.key: each.subject for each in business_templates(now)}
    return {"template": list(titles.items())}


def _skip(sent: Sent) -> object:
    leasing.skip_lead(actor=sent.actor, lead_id=sent.lead.id, reason=sent.values["reason"], now=sent.now)
    return None


CONTACT_DEEDS: dict[str, Deed] = {
    "log_call": Deed(
        "log-call",
        "log_call",
        forms.LogCall,
        _log_call,
        gettext_noop("Contact logged."),
        choices=_answers,
        initial=filled_in,
        beside=_beside_call,
        pointers={"/next_action_at": "next_at", "/channels": "stops", "/notes": "note", "/delivery_status": "outcome"},
    ),
    "skip": Deed(
        "skip",
        "skip",
        forms.Skip,
        _skip,
        gettext_noop("Skipped; somebody else will take it."),
        choices=lambda lead, now: {"reason": [(key, _(words)) for key, words in leasing.SKIP_REASONS.items()]},
    ),
    "opt_out": Deed(
        "opt-out",
        "opt_out",
        forms.OptOut,
        _opt_out,
        gettext_noop("Contact stopped."),
        beside=lambda lead, actor, wall: {"consequences": picklists.stops_with_opt_out(lead)},
    ),
    "allow": Deed("allow", "allow", forms.Allow, _allow, gettext_noop("Permission recorded.")),
    "ask_person": Deed(
        "ask-person",
        "ask_person",
        forms.AskPerson,
        _ask_person,
        gettext_noop("The person is asked by a link."),
        choices=_missing,
        initial=lambda lead, wall: {"fields_asked": list(collecting.missing_of(lead))},
        beside=_beside_asking,
    ),
    "send_link": Deed(
        "scheduling-link",
        "send_link",
        SendLink,
        _send_link,
        gettext_noop("The scheduling link is on its way."),
        beside=_beside_link,
    ),
    "write_business": Deed(
        "business-mail",
        "write_business",
        BusinessMail,
        _write_business,
        gettext_noop("The mail is on its way."),
        choices=_business_templates,
        beside=lambda lead, actor, wall: {"gate": business_mail.reach_of(lead, wall.now).tile},
    ),
    "judge_point": Deed(
        "contact-point",
        "judge_point",
        forms.JudgePoint,
        _judge_point,
        gettext_noop("Noted."),
        choices=lambda lead, now: {"point": picklists.contact_points(lead)},
        from_address=("point",),
    ),
}
