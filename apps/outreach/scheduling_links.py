"""Links by which a person books a visit: made when a message goes that names one, found by their token."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings

from apps.leads.actions import tell
from apps.leads.models import Lead
from apps.outreach.models import Message, SchedulingLink
from apps.outreach.terms import RequestState
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert_now

#: The kind under which the address book keeps a link's digest, and how long a link serves.
ADDRESS, SERVES = "scheduling", timedelta(days=7)


def make_link(message: Message, lead: Lead, now: datetime) -> str:
    """Make the link of a message that goes; return its URL, which is kept nowhere. An earlier one serves no more."""
    earlier = SchedulingLink.rows().filter(lead=lead, state=RequestState.OPEN)
    earlier.update(state=RequestState.REPLACED, ended_at=now)
    token = secrets.token_urlsafe(24)
    digest = digest_of(token)
    row = SchedulingLink(
        id=new_id(),
        lead=lead,
        message=message,
        token_digest=digest,
        sent_at=now,
        expires_at=now + SERVES,
    )
    insert_now([row])
    Address.objects.create(kind=ADDRESS, key=digest, organization_id=current_organization_id(), row_id=row.id)
    how = "text" if message.channel == "text" else "e-mail"
    sender = system_actor(current_organization_id(), "sender")
    tell(lead, kind="message", sentence=f"Scheduling link sent by {how}.", actor=sender, now=now)
    return f"{settings.LEADCRM_BASE_URL}/b/{token}/"


def find_link(token: str) -> Address | None:
    """Return where a link leads, before any tenant's scope is open; None for one that never was."""
    return Address.objects.filter(kind=ADDRESS, key=digest_of(token)).first()


def links_of(lead: Lead) -> list[SchedulingLink]:
    """Return the scheduling links of a lead, newest first."""
    return list(SchedulingLink.rows().filter(lead=lead).select_related("message").order_by("-sent_at", "-id"))


def digest_of(token: str) -> str:
    """Return what is kept of a link's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
