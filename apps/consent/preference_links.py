"""Links by which the receiver of a message says what we may do: made when a message goes, found by their token."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from apps.consent.models import PreferenceLink
from apps.consent.terms import Channel
from apps.tenancy.ids import new_id
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert_now

#: The kind under which the address book keeps a link's digest, and how long a link serves.
ADDRESS, SERVES = "preferences", timedelta(days=180)
#: So many changes a link takes in an hour; a stop is taken always.
MOST_CHANGES, WITHIN = 20, timedelta(hours=1)


def make_link(*, person_id: UUID, contact_value: str, channel: Channel, message_id: UUID | None, now: datetime) -> str:
    """Make a link for whoever reads a message at a number or an address; return its URL, which is kept nowhere."""
    token = secrets.token_urlsafe(24)
    row = PreferenceLink(
        id=new_id(),
        person_id=person_id,
        contact_value=contact_value,
        channel=channel,
        message_id=message_id,
        token_digest=digest_of(token),
        made_at=now,
        expires_at=now + SERVES,
    )
    insert_now([row])
    Address.objects.create(kind=ADDRESS, key=row.token_digest, organization_id=current_organization_id(), row_id=row.id)
    return f"{settings.LEADCRM_BASE_URL}/p/{token}/"


def find_link(token: str) -> Address | None:
    """Return where a link leads, before any tenant's scope is open; None for one that never was."""
    return Address.objects.filter(kind=ADDRESS, key=digest_of(token)).first()


def take_use(link: PreferenceLink, now: datetime) -> bool:
    """Count a change by a link; False where it had so many within the hour that nobody presses by hand."""
    row = PreferenceLink.rows().select_for_update(of=("self",)).get(id=link.id)
    if row.used_since is None or now - row.used_since >= WITHIN:
        row.uses, row.used_since = 0, now
    if row.uses >= MOST_CHANGES:
        return False
    row.uses += 1
    row.save(update_fields=["uses", "used_since"])
    return True


def digest_of(token: str) -> str:
    """Return what is kept of a link's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
