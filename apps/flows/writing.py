"""Write to a person by hand: an approved template that fits the lead, through the gate of every message (TN-01, TN-02).

The words are of the template alone. Permission, quiet hours and the template's approval are asked for at the click,
and again when the message goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.appointments.models import Appointment
from apps.appointments.terms import LIVE, AppointmentState
from apps.audit import ledger
from apps.catalog.terms import SourceType
from apps.consent.queries import Reach, reaches
from apps.consent.terms import Channel, ContactCode, Purpose
from apps.flows.attempts import note_attempt
from apps.flows.masking import reads_health, reads_service
from apps.flows.precontact import refuse_contact
from apps.flows.words import planned_contact
from apps.leads.actions import count_attempt, lock_lead, save_lead, tell
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.leads.queries import parties_of
from apps.leads.terms import PartyPart
from apps.outreach.actions import PREFERENCES_PLACE, SCHEDULING_PLACE, intend_message, log_activity
from apps.outreach.models import Activity, Message, TemplateVersion
from apps.outreach.queries import attempts_today
from apps.outreach.template_decisions import fill, places_of
from apps.outreach.template_fit import Judged, for_what, judged_templates, why_not_chosen_by_hand, why_not_fitting
from apps.outreach.template_places import known_places, words_of
from apps.outreach.template_terms import ANSWERS, PRIVATE, Need
from apps.outreach.templates import find_template, tags_of, why_not_sent
from apps.outreach.terms import BY_HAND, ActivityKind, Direction, MessageState, Outcome
from apps.outreach.texts import text_line
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.queries import live_document
from apps.routing.queries import opening_of
from apps.sla import actions as sla
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

ACTION = "lead.write"
NO_LINE = "There is no line to text from. Ask your administrator to set one."


@dataclass(frozen=True, slots=True)
class Chosen:
    """A template as people choose it: its key, and by which channel it goes."""

    template: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as its receiver would read it, and whether it may go now.

    `waits_until` is the end of quiet hours where only the hour keeps it; `hides` says that health data is left out of
    what this reader sees of it.
    """

    row: TemplateVersion
    subject: str
    body: str
    reach: Reach
    waits_until: datetime | None
    refusal: str
    holds_phi: bool
    hides: bool

    @property
    def goes(self) -> bool:
        """Whether it may be sent, now or when quiet hours end."""
        return not self.refusal


def templates_to_choose(lead: Lead, now: datetime, *, reader: Actor | None = None) -> list[TemplateVersion]:
    """Return the words that people may send about a lead by hand."""
    return [each.row for each in templates_judged(lead, now, reader=reader) if not each.why]


def templates_judged(lead: Lead, now: datetime, *, reader: Actor | None = None) -> list[Judged]:
    """Return the words that people write by hand, each with why it is not for this lead; "" where it may be sent.

    Business mails and receipts have ways of their own. A `reader` who does not see what the lead asks for hears of no
    words for one service: they would tell it.
    """
    tells = reader is None or reads_service(reader)
    return [
        each
        for each in judged_templates(lead, now, spoken_of(lead))
        if each.row.purpose != Purpose.BUSINESS
        and each.row.template.key not in ANSWERS
        and (tells or not for_what(tags_of(each.row)))
    ]


def spoken_of(lead: Lead) -> frozenset[Need]:
    """Return what the lead has of what words may speak of: a visit to come, one that was missed, a referral."""
    states, found = set(Appointment.rows().filter(lead=lead).values_list("state", flat=True)), set[Need]()
    if states & set(LIVE):
        found.add(Need.VISIT)
    elif AppointmentState.NO_SHOW in states:
        found.add(Need.MISSED_VISIT)
    referred = SourceType.REFERRAL in (lead.capture_method, lead.source.type)
    if referred or any(each.part == PartyPart.REFERRER for each in parties_of([lead.id]).get(lead.id, ())):
        found.add(Need.REFERRAL)
    return frozenset(found)


def preview_of(lead: Lead, row: TemplateVersion, *, reader: Actor, now: datetime) -> Preview:
    """Return a template filled for a lead, and what the gate says. Health data is read aloud to whom may read it."""
    reach = reach_for(lead, Channel(row.template.channel), row.purpose, now)
    named, places = places_of(f"{row.subject}\n{row.body}"), known_places()
    private = [name for name in named if name in places and places[name].privacy in PRIVATE]
    hides = bool(private) and not reads_health(reader)
    told = [name for name in named if not (hides and name in private)]
    words = words_of(lead, told, _brought(lead, now), reader=reader) | (dict.fromkeys(private, "…") if hides else {})
    words |= {"preferences_link": "…/p/…", "scheduling_link": "…/b/…"}
    until = reach.verdict.opens_at if reach.verdict.code == ContactCode.QUIET_HOURS else None
    return Preview(
        row=row,
        subject=fill(row.subject, words),
        body=fill(row.body, words),
        reach=reach,
        waits_until=until,
        refusal=_refusal(reach)[1],
        holds_phi=bool(private),
        hides=hides,
    )


def write_message(*, actor: Actor, lead_id: UUID, chosen: Chosen, now: datetime) -> Message:
    """Send a person an approved template about a lead; in their quiet hours it waits for the first allowed minute.

    Invalid (422) for a template that is not approved, or for another category, service line or stage; refuses who may
    not contact for the lead, and with the gate's code whatever consent forbids. Conflict for a closed lead, one that
    waits for its review, and while the same words still wait to go.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action=ACTION)
    _require_contact(actor, lead)
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    refuse_contact(lead)
    row = _fitting(lead, chosen, actor, now)
    reach = reach_for(lead, chosen.channel, row.purpose, now)
    until = reach.verdict.opens_at if reach.verdict.code == ContactCode.QUIET_HOURS else None
    code, sentence = _refusal(reach)
    if sentence:
        raise Refused(sentence, code=code, action=ACTION, object_type="lead", object_id=lead.id)
    _refuse_twice(lead, chosen)
    message = _intend(lead, chosen, reach, until, actor, now)
    how = "text" if chosen.channel is Channel.TEXT else "e-mail"
    when = " It waits for the end of their quiet hours." if until is not None else ""
    tell(lead, kind="message", sentence=f"Written by hand, {how}: {message.title}.{when}"[:300], actor=actor, now=now)
    ledger.record(
        actor=actor,
        action=ACTION,
        object_type="lead",
        object_id=lead.id,
        fields=[str(chosen.channel)],
        detail={"message": str(message.id), "template": row.template.key, "version": row.number},
    )
    return message


def reach_for(lead: Lead, channel: Channel, purpose: str, now: datetime) -> Reach:
    """Return how the person of a lead may be written to now, for a purpose; texts count among the day's attempts."""
    document, zone = live_document("contact", now), current_organization().zone
    tried = attempts_today(lead, now) if channel is Channel.TEXT else 0
    found = reaches(lead, now=now, document=document, default_zone=zone, purpose=purpose, attempts_today=tried)
    return found[channel]


def may_go(lead: Lead, channel: Channel, template: str, now: datetime) -> bool:
    """Say whether the words of a template may go to the person on a channel, now or when quiet hours end."""
    row = find_template(template, (lead.contact_person or lead.person).language or "en", channel, now=now)
    return row is not None and not _refusal(reach_for(lead, channel, row.purpose, now))[1]


def _refusal(reach: Reach) -> tuple[str, str]:
    """Return the code and the sentence of why nothing may be sent, not even later; both empty where it may."""
    waits = reach.verdict.code == ContactCode.QUIET_HOURS and reach.verdict.opens_at is not None
    if reach.point is None or not (reach.verdict.allowed or waits):
        return str(reach.verdict.code), reach.verdict.sentence
    if reach.point.validity == "invalid":
        return "invalid_point", "The number or address is invalid."
    return ("no_line", NO_LINE) if reach.channel is Channel.TEXT and not text_line() else ("", "")


def _require_contact(actor: Actor, lead: Lead) -> None:
    if not actor.may(Permission.LEAD_CONTACT):
        sentence = "Your role does not contact people. Ask the team that owns this lead."
        raise Refused(sentence, code="no_permission", action=ACTION, object_type="lead", object_id=lead.id)


def _fitting(lead: Lead, chosen: Chosen, actor: Actor, now: datetime) -> TemplateVersion:
    """Return the approved words of a template that fit the lead, or say in one sentence why there are none."""
    language = (lead.contact_person or lead.person).language or "en"
    row = find_template(chosen.template, language, chosen.channel, now=now)
    if row is None:
        why = why_not_sent(chosen.template, language, chosen.channel, now=now)
        sentence = f"Not to be sent: {why}" if why else "There is no such template. Choose one from the list."
        raise _wrong(sentence, "template_not_approved" if why else "unknown_template")
    if reads_service(actor) and (why := why_not_fitting(lead, row)):
        raise _wrong(why, "template_disagrees")
    why = why_not_chosen_by_hand(lead, row, spoken_of(lead)) if reads_service(actor) else ""
    if why or row.id not in {each.id for each in templates_to_choose(lead, now, reader=actor)}:
        sentence = f"The template “{chosen.template}” is not offered here: a step of its own sends it."
        raise _wrong(why or sentence, "template_not_offered")
    return row


def _wrong(sentence: str, code: str) -> Invalid:
    return Invalid(sentence, (Problem("/template", code, sentence),), code=code)


def _refuse_twice(lead: Lead, chosen: Chosen) -> None:
    waiting = Message.rows().filter(
        lead=lead,
        template_key=chosen.template,
        channel=str(chosen.channel),
        state__in=[MessageState.PENDING, MessageState.SENDING],
    )
    if waiting.exists():
        raise Conflict("The same message already waits to go.", code="waits_already")


def _brought(lead: Lead, now: datetime) -> Mapping[str, str]:
    person, organization = lead.contact_person or lead.person, current_organization()
    opens_at = opening_of(lead.queue, now) if lead.queue else now
    return {
        "first_name": person.first_name,
        "organization": organization.name,
        "reference": lead.ref,
        "next_contact": planned_contact(lead.next_action_at, opens_at, now, organization.zone, person.language or "en"),
        "preferences_link": PREFERENCES_PLACE,
        "scheduling_link": SCHEDULING_PLACE,
    }


def _intend(lead: Lead, chosen: Chosen, reach: Reach, until: datetime | None, actor: Actor, now: datetime) -> Message:
    assert reach.point is not None
    message = intend_message(
        lead,
        purpose=BY_HAND,
        template_key=chosen.template,
        contact_point=reach.point,
        words=_brought(lead, until or now),
        language=(lead.contact_person or lead.person).language or "en",
        dedup_key=f"hand:{new_id()}",
        now=now,
        due_at=until,
        channel=str(chosen.channel),
        written_by=actor.label,
    )
    if message is None:
        raise Conflict("The number or address is invalid.", code="invalid_point")
    return message


def count_written(lead: Lead, message: Message, *, at: datetime, now: datetime) -> None:
    """Count a message that a colleague wrote and that went as their attempt to reach the person, once.

    It moves no stage and meets no clock of a conversation: nobody has answered.
    """
    key = f"message:{message.id}"
    if lead.closed_at is not None or Activity.rows().filter(lead=lead, dedup_key=key).exists():
        return
    kind = ActivityKind.TEXT if message.channel == Channel.TEXT else ActivityKind.EMAIL
    log_activity(
        lead,
        kind=kind,
        outcome=Outcome.SENT,
        direction=Direction.OUTBOUND,
        started_at=at,
        duration_seconds=0,
        note="",
        actor=system_actor(current_organization_id(), "sender"),
        event_id=new_id(),
        now=now,
        contact_point=message.contact_point,
        dedup_key=key,
        said_by=message.written_by,
    )
    count_attempt(lead, outcome=Outcome.SENT, now=at)
    with acting_as_system():
        save_lead(lead, ["outreach_started_at", "attempts", "last_outcome", "last_activity_at"])
    note_attempt(lead, at=max(at, lead.captured_at), by=f"{kind} sent")
    sla.refresh_due(lead)
