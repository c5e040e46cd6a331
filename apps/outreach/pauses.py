"""Read whether anything is sent to a person by itself (row TN-16)."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from apps.leads.models import Lead, Person
from apps.outreach.models import AutomationPause, DataRequest, Message
from apps.outreach.terms import BUSINESS_MAIL, OPT_OUT_CONFIRMATION

#: What the sender says of a message that waits.
PAUSED = "What goes to this person by itself is paused until somebody lets it go on."


def open_pause(person_ids: Iterable[UUID]) -> AutomationPause | None:
    """Return the pause of one of these people, or of whoever was merged into them."""
    wanted = list(person_ids)
    held = Q(person_id__in=wanted) | Q(person__merged_into_id__in=wanted)
    found: AutomationPause | None = (
        AutomationPause.rows().filter(held, ended_at__isnull=True).order_by("paused_at").first()
    )
    return found


def people_of(lead: Lead) -> list[UUID]:
    """Return whose pause holds a lead: the patient's, and whoever we write to for them."""
    return [each for each in (lead.person_id, lead.contact_person_id) if each is not None]


def pause_of(lead: Lead) -> AutomationPause | None:
    """Return the pause that holds what a lead sends by itself; None where nothing does."""
    return open_pause(people_of(lead))


def is_paused(person: Person | UUID) -> bool:
    """Say whether nothing may be sent to a person by itself."""
    return open_pause([person.id if isinstance(person, Person) else person]) is not None


def why_paused(message: Message, lead: Lead) -> str:
    """Return why a message waits; "" for what a colleague sends, and for the one answer to an opt-out."""
    if message.purpose in (OPT_OUT_CONFIRMATION, BUSINESS_MAIL) or pause_of(lead) is None:
        return ""
    asked = DataRequest.rows().filter(message=message, asked_by__isnull=False)
    return "" if asked.exists() else PAUSED


def waiting_messages(person_ids: Iterable[UUID]) -> list[UUID]:
    """Return the messages to these people that have not gone yet."""
    wanted = list(person_ids)
    rows = Message.rows().filter(Q(lead__person_id__in=wanted) | Q(lead__contact_person_id__in=wanted), state="pending")
    return list(rows.values_list("id", flat=True))
