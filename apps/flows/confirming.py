"""Confirm a STOP to where it came from: once, at once, and by no other door than a word that answers us."""

from datetime import datetime

from django.db.models import Q

from apps.consent.models import DoNotContact
from apps.consent.queries import POINT_KIND
from apps.consent.terms import Channel
from apps.flows.opt_out import holders_of
from apps.leads.actions import tell
from apps.leads.models import ContactPoint, Lead
from apps.outreach.confirmation import intend_confirmation
from apps.outreach.texts import text_line
from apps.tenancy.actor import Actor


def confirm_stop(*, actor: Actor, channel: Channel, value: str, said_at: datetime, now: datetime) -> bool:
    """Intend the confirmation of an opt-out that was kept just now; False where none goes.

    Nobody on file, no line to text from, too late, or confirmed before: then none does.
    """
    people = holders_of(channel, value)
    entries = DoNotContact.rows().filter(kind=POINT_KIND[channel], value=value, channel=channel, ended_at__isnull=True)
    leads = Lead.rows().filter(Q(person__in=people, contact_person__isnull=True) | Q(contact_person__in=people))
    entry, lead = entries.first(), leads.order_by("-created_at", "-id").first()
    if entry is None or lead is None or (channel is Channel.TEXT and not text_line()):
        return False
    person = lead.contact_person or lead.person
    point = ContactPoint.rows().filter(person=person, kind=POINT_KIND[channel], value=value).first()
    language = (person.language or "en")[:2]
    if point is None or not intend_confirmation(lead, point, entry, language=language, said_at=said_at, now=now):
        return False
    tell(lead, kind="message", sentence="Their opt-out is confirmed to them, once.", actor=actor, now=now)
    return True
