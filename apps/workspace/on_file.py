"""Who is on file under a number or an address, before a new inquiry is typed in: each person once, with what is open.

Anybody who works leads may ask, since nobody should be entered twice; of people whose leads are other teams' one
learns initials, the team and whether they may be contacted, and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.capture.terms import PointValidity
from apps.consent.queries import Asked, is_listed, reaches_of_many
from apps.leads.models import ContactPoint, Lead, Person
from apps.ownership.queries import visible_leads
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization
from apps.workspace.person_page import leads_shown
from apps.workspace.rows import chips
from apps.workspace.words import Wall, name_of

MOST_PEOPLE, MOST_LEADS = 10, 100


@dataclass(frozen=True, slots=True)
class Sought:
    """A number or an address as it was understood; empty where it is neither."""

    kind: str = ""
    value: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class OnFile:
    """What a search found: the people, as the page shows them, and what is listed as not to be contacted.

    `is_sought` is False where there was no number and no address to look for.
    """

    people: list[dict[str, Any]] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    is_sought: bool = False

    @property
    def ids(self) -> list[UUID]:
        """The people, as whom the inquiry may be entered."""
        return [each["id"] for each in self.people]


def understand_point(typed: str) -> Sought:
    """Read what was typed as a number or as an address."""
    text = typed.strip()[:254]
    if "@" in text:
        email = read_email(text)
        return Sought("email", email.address, text) if email.address else Sought(typed=text)
    phone = read_phone(text, current_organization().region) if text else None
    if phone is None or phone.validity is PointValidity.INVALID or not phone.e164:
        return Sought(typed=text)
    return Sought("phone", phone.e164, text)


def people_on_file(actor: Actor, sought: Sequence[Sought], wall: Wall) -> OnFile:
    """Return everybody with one of these numbers or addresses, with their leads and what they permit now."""
    wanted = [each for each in sought if each.value]
    if not wanted:
        return OnFile()
    condition = Q(pk__in=[])
    for each in wanted:
        condition |= Q(kind=each.kind, value=each.value)
    points = ContactPoint.rows().filter(condition, person__merged_into__isnull=True, person__is_test=False)
    rows = points.select_related("person").order_by("-said_at", "-created_at", "id")[: 2 * MOST_PEOPLE]
    people = list({row.person_id: row.person for row in rows}.values())[:MOST_PEOPLE]
    listed = [each.typed for each in wanted if is_listed(each.kind, each.value)]
    return OnFile(_shown(actor, people, wall), listed, is_sought=True)


def _shown(actor: Actor, people: Sequence[Person], wall: Wall) -> list[dict[str, Any]]:
    ids = [each.id for each in people]
    rows = Lead.rows().filter(Q(person__in=ids) | Q(contact_person__in=ids))
    leads = list(rows.select_related("service", "stage", "owner_team").order_by("-captured_at", "-id")[:MOST_LEADS])
    visible = frozenset(visible_leads(actor).filter(id__in=[each.id for each in leads]).values_list("id", flat=True))
    document, zone = live_document("contact", wall.now), current_organization().zone
    reaches = reaches_of_many(map(Asked, people), now=wall.now, document=document, default_zone=zone)
    sees_consent = FieldGroup.CONSENT not in actor.hidden_fields
    shown = []
    for person in people:
        own = [each for each in leads if person.id in (each.person_id, each.contact_person_id)]
        knows = any(each.id in visible for each in own)
        still_open = [each for each in own if each.closed_at is None]
        shown.append(
            {
                "id": person.id,
                "name": name_of(actor, person) if knows else person.initials,
                "place": person.city if knows else "",
                "is_organization": person.is_organization,
                "may_open": knows,
                "leads": leads_shown(still_open, visible, actor, wall),
                "closed": len(own) - len(still_open),
                "channels": chips(reaches[person.id]) if sees_consent else [],
                "stopped": _stopped(reaches[person.id]) if sees_consent else "",
            }
        )
    return shown


def _stopped(reaches: Any) -> str:
    """Say so where no channel is permitted at all: whoever is on the phone must hear it before they call again."""
    refused = [each for each in reaches.values() if not each.verdict.allowed and each.verdict.opens_at is None]
    if len(refused) < len(reaches):
        return ""
    return _("Do not contact: %(why)s") % {"why": refused[0].tile.sentence}
