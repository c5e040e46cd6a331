"""The one message that may follow an opt-out: that we heard it (47 CFR 64.1200(a)(12), row CN-04).

It goes to where the STOP came from, within five minutes, once for each entry of what a number or an address said, in
fixed words that sell nothing. The gate lets nothing else through to who opted out.
"""

from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from apps.consent.models import DoNotContact
from apps.consent.queries import is_listed
from apps.consent.terms import Channel
from apps.leads.models import ContactPoint, Lead
from apps.outreach.actions import SEND
from apps.outreach.models import Message
from apps.outreach.terms import OPT_OUT_CONFIRMATION
from apps.tenancy import outbox
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.writing import insert

#: So long after the STOP it counts as its confirmation.
WITHIN = timedelta(minutes=5)
_KEY = "stop:"


def intend_confirmation(
    lead: Lead, point: ContactPoint, entry: DoNotContact, *, language: str, said_at: datetime, now: datetime
) -> bool:
    """Write down that an opt-out is confirmed to where it came from; False where it was, or where it is too late.

    The message counts from when the word was said, not from when we read it.
    """
    key = f"{_KEY}{entry.id}"
    if now - said_at >= WITHIN or Message.rows().filter(dedup_key=key).exists():
        return False
    name, is_mail = current_organization().name, entry.channel == Channel.EMAIL
    with translation.override(language):
        subject = _("You are unsubscribed") if is_mail else ""
        if is_mail:
            body = _("%(name)s: You are unsubscribed. We send no more e-mail to this address.") % {"name": name}
        else:
            body = _("%(name)s: You are unsubscribed and get no more texts. Write START to get them again.") % {
                "name": name
            }
    row = Message(
        id=new_id(),
        lead=lead,
        purpose=OPT_OUT_CONFIRMATION,
        channel=entry.channel,
        contact_point=point,
        template_key="opt-out-confirmation",
        template_version=1,
        subject=subject,
        body=body,
        created_at=said_at,
        dedup_key=key,
    )
    insert(row)
    outbox.enqueue(SEND, row.id)
    return True


def why_not_confirmed(message: Message, now: datetime) -> str:
    """Return why a confirmation must not go (any more); "" where it may, although they opted out."""
    entry_id = message.dedup_key.removeprefix(_KEY)
    stands = DoNotContact.rows().filter(id=entry_id, channel=message.channel, ended_at__isnull=True)
    if now - message.created_at >= WITHIN:
        return "The opt-out was more than five minutes ago."
    if not stands.filter(value=message.contact_point.value).exists():
        return "They asked to be written to again."
    if is_listed(message.contact_point.kind, message.contact_point.value):
        return "They are on the do-not-contact list."
    return ""
