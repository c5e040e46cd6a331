"""Messages around a visit: a reminder before it, and a new time for who missed it; by the channel they permit.

A text goes where texts for it are permitted, else a mail; whichever, it is asked again as it goes (rows AP-09, TN-13).
A text names the hour and nothing else: no place, no service (decision 0039).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.appointments.decisions import remind_at
from apps.appointments.models import Appointment
from apps.appointments.queries import time_set, zone_of
from apps.appointments.terms import LIVE, AppointmentState
from apps.consent.queries import reaches
from apps.consent.reminders import reminders
from apps.consent.terms import Channel, ContactCode
from apps.flows.words import visit_time
from apps.leads.actions import lock_lead, tell
from apps.leads.models import ContactPoint, Lead
from apps.outreach.actions import cancel_planned, intend_message
from apps.outreach.templates import find_template
from apps.outreach.texts import text_line
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

REMIND = "visits.remind"
#: Templates, and the purposes of their messages.
REMINDER, REBOOK = "visit-reminder", "visit-rebook"
FIRST_CHOICE = (Channel.TEXT, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class Way:
    """By which channel something goes, whereto, and when quiet hours let it."""

    channel: Channel
    point: ContactPoint
    at: datetime


def plan_reminder(visit: Appointment, now: datetime) -> None:
    """Ask to be woken when the visit is to be reminded of; one that was planned moves with the visit or goes."""
    at = remind_at(visit.starts_at, reminders(live_document("contact", now)).hours_before, now)
    if at is None or visit.state not in LIVE:
        outbox.cancel(REMIND, visit.id)
    else:
        outbox.enqueue(REMIND, visit.id, due_at=at)


def drop_messages(lead: Lead, visit: Appointment, now: datetime) -> None:
    """Stop what waits to go about a visit that stands no more as it was."""
    about, told = f":{visit.id.hex}:", "the visit was changed"
    cancel_planned(lead, purposes=(REMINDER, REBOOK), reason=told, now=now, about=about)


@outbox.handler(REMIND)
def remind(visit_id: UUID, now: datetime) -> None:
    """Intend the reminder of a visit that still stands, once for each time that it was set to."""
    lead = lock_lead(Appointment.rows().get(id=visit_id).lead_id)
    visit = Appointment.rows().select_related("location").get(id=visit_id)
    if visit.state not in LIVE or visit.starts_at <= now or lead.closed_at is not None or lead.is_test:
        return
    if remind_at(visit.starts_at, reminders(live_document("contact", now)).hours_before, now) is not None:
        plan_reminder(visit, now)
        return
    _intend(lead, visit, REMINDER, at=now, now=now)


def offer_new_time(lead: Lead, visit: Appointment, *, now: datetime) -> None:
    """Intend the message that offers a new time to somebody who missed a visit, within the hour."""
    if not lead.is_test:
        after = timedelta(minutes=reminders(live_document("contact", now)).rebook_minutes)
        _intend(lead, visit, REBOOK, at=now + after, now=now)


def _intend(lead: Lead, visit: Appointment, key: str, *, at: datetime, now: datetime) -> None:
    """Intend a message about a visit; where no channel is permitted or worded, the lead's story says so."""
    way = _way(lead, key, at=at, now=now)
    what = "reminder of the visit" if key == REMINDER else "offer of a new time"
    sender = system_actor(current_organization_id(), "sender")
    if way is None:
        sentence = f"No {what} goes: neither a text nor an e-mail is permitted and worded. Call instead."
        tell(lead, kind="message", sentence=sentence, actor=sender, now=now)
        return
    person, language = lead.contact_person or lead.person, _language(lead)
    when = visit_time(visit.starts_at, zone_of(visit), language)
    place = visit.location
    where = f"{place.name}, {place.street}, {place.city}".replace(", ,", ",") if place else visit.provider
    intend_message(
        lead,
        purpose=key,
        template_key=key,
        contact_point=way.point,
        words={
            "first_name": person.first_name,
            "organization": current_organization().name,
            "reference": lead.ref,
            "visit_time": when,
            "appointment": f"{when}, {where}",
        },
        language=language,
        dedup_key=f"{'remind' if key == REMINDER else 'rebook'}:{visit.id.hex}:{time_set(visit).id.hex}",
        now=now,
        due_at=way.at,
        channel=way.channel,
    )


def _way(lead: Lead, key: str, *, at: datetime, now: datetime) -> Way | None:
    """Return how a message goes: by text where it is permitted now or after quiet hours, else by e-mail."""
    document, zone, language = live_document("contact", now), current_organization().zone, _language(lead)
    for channel in FIRST_CHOICE:
        template = find_template(key, language, channel, now=now)
        if template is None or (channel is Channel.TEXT and not text_line()):
            continue
        found = reaches(lead, now=at, document=document, default_zone=zone, purpose=template.purpose)[channel]
        opens_at = found.verdict.opens_at if found.verdict.code == ContactCode.QUIET_HOURS else None
        if found.point is not None and (found.verdict.allowed or opens_at is not None):
            return Way(channel, found.point, opens_at or at)
    return None


def _language(lead: Lead) -> str:
    return (lead.contact_person or lead.person).language or "en"


def follow(lead: Lead, visit: Appointment, *, now: datetime) -> None:
    """Let the messages of a visit follow a change of it."""
    if visit.state != AppointmentState.CONFIRMED:
        drop_messages(lead, visit, now)
    plan_reminder(visit, now)
    if visit.state == AppointmentState.NO_SHOW and lead.closed_at is None:
        offer_new_time(lead, visit, now=now)
