"""What a business mail needs, and what the sender notes of it (row CN-17)."""

from datetime import datetime

from apps.consent.terms import Channel, Purpose
from apps.leads.models import Lead
from apps.outreach.actions import PREFERENCES_PLACE
from apps.outreach.business_models import BusinessMail
from apps.outreach.models import Message, TemplateVersion
from apps.outreach.template_decisions import places_of
from apps.outreach.templates import sendable
from apps.outreach.terms import BUSINESS_CLASSES

NO_BASIS = "A business mail goes only with its purpose and basis on record."
NO_BUSINESS = "Business mails go to businesses; this lead is about a person who seeks care."


def why_not_business(lead: Lead) -> str:
    """Return why a lead gets no business mail; "" where it may."""
    return "" if lead.lead_class in BUSINESS_CLASSES else NO_BUSINESS


def business_templates(now: datetime) -> list[TemplateVersion]:
    """Return the approved words of business mails that offer a way to stop them, by key and language."""
    rows = [each for each in sendable(now) if each.purpose == Purpose.BUSINESS]
    mails = [each for each in rows if each.template.channel == Channel.EMAIL and _has_way_out(each)]
    return sorted(mails, key=lambda each: (each.template.key, each.template.language))


def _has_way_out(version: TemplateVersion) -> bool:
    return "preferences_link" in places_of(version.body)


def business_mails_of(lead: Lead) -> list[BusinessMail]:
    """Return the business mails of a lead, newest first."""
    return list(BusinessMail.rows().filter(message__lead=lead).select_related("message").order_by("-written_at", "-id"))


def why_not_sent(message: Message, lead: Lead) -> str:
    """Return why a message of that purpose must not go whatever its receiver permits; "" where it may."""
    if not BusinessMail.rows().filter(message=message).exists():
        return NO_BASIS
    return why_not_business(lead) or ("" if PREFERENCES_PLACE in message.body else "It says no way to stop it.")


def note_check(message: Message, result: str, *, goes: bool, now: datetime) -> None:
    """Keep what asking for refusals found at the moment of sending, and that the mail says how to stop it."""
    rows = BusinessMail.rows().filter(message=message)
    rows.update(checked_at=now, check_result=result[:300], has_way_out=goes)
