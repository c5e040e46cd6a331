"""What an agency may see: its own deliveries, in its own columns, and nothing else.

An agency's lead is one that a delivery of this agency opened. A person whom somebody else brought
first stays the other one's: the agency learns the verdict, not the lead. No health text, no notes,
no names of colleagues, no consent beyond the states that the agency itself sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.models import Submission
from apps.capture.sight import refuse_hidden, visible_submissions
from apps.consent.models import ConsentEvent
from apps.leads.models import Lead, LeadParty, Touch
from apps.ownership.queries import HiddenLead, visible_leads
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound, Refused

COLUMNS = (
    "id",
    "ref",
    "stage",
    "status",
    "verdict",
    "reasons",
    "external_id",
    "source",
    "campaign",
    "delivered_at",
    "counted_as_delivered",
    "consent",
)


@dataclass(frozen=True, slots=True)
class DeliveredLead:
    """One row of an agency's list: the lead, the delivery that opened it, the consent states it sent."""

    lead: Lead
    submission: Submission | None
    consent: dict[str, str] = field(default_factory=dict)


def require(actor: Actor, permission: Permission, action: str) -> None:
    """Raise Refused, naming the right that is missing."""
    if not actor.may(permission):
        raise Refused(f"This needs the right “{permission}”. Ask the tenant's administrator.", action=action)


def delivered_leads(actor: Actor) -> QuerySet[Lead]:
    """Return the leads that the agency's deliveries opened."""
    return leads_of_party(actor.party_id) if actor.party_id else Lead.rows().none()


def leads_of_party(party_id: UUID) -> QuerySet[Lead]:
    """Return the leads that a party's deliveries opened."""
    own = LeadParty.rows().filter(lead_id=OuterRef("id"), party_id=party_id, part="source")
    return Lead.rows().filter(Exists(own)).select_related("stage", "source", "campaign", "owner_team")


def delivered_lead(actor: Actor, lead_id: UUID) -> Lead:
    """Return one lead of the agency's. NotFound for all others; an attempt on an existing one is audited."""
    lead = delivered_leads(actor).filter(id=lead_id).first()
    if lead is not None:
        return lead
    if Lead.rows().filter(id=lead_id).exists():
        raise HiddenLead(lead_id)
    raise NotFound


def as_delivered(actor: Actor, leads: Sequence[Lead]) -> list[DeliveredLead]:
    """Return leads as the agency's list shows them; each is noted in the ledger as read (row TA-10)."""
    if actor.party_id is None:
        return []
    openings: dict[UUID, Submission] = {}
    rows = Submission.rows().filter(party_id=actor.party_id, lead_id__in=[lead.id for lead in leads])
    for row in rows.defer("raw").order_by("processed_at", "id"):
        if row.lead_id is not None:
            openings.setdefault(row.lead_id, row)
    states = _states_sent([row.id for row in openings.values()])
    for lead in leads:
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=COLUMNS)
    shown = []
    for lead in leads:
        opening = openings.get(lead.id)
        shown.append(DeliveredLead(lead, opening, states.get(opening.id, {}) if opening else {}))
    return shown


def deliveries(actor: Actor) -> QuerySet[Submission]:
    """Return what the actor delivered; staff with `submission:read` see all but those of other teams' own forms."""
    rows = Submission.rows().defer("raw").select_related("source", "party")
    if actor.party_id is not None:
        return rows.filter(party_id=actor.party_id)
    if actor.may(Permission.SUBMISSION_READ):
        return rows.filter(visible_submissions(actor))
    return rows.filter(api_key_id=actor.id) if actor.id is not None else rows.none()


def delivery(actor: Actor, submission_id: UUID) -> Submission:
    """Return one of the actor's deliveries; NotFound for all others.

    Staff who read deliveries are refused one of another team's own form with whose it is.
    """
    row = deliveries(actor).filter(id=submission_id).first()
    if row is None:
        if actor.party_id is None and actor.may(Permission.SUBMISSION_READ):
            refuse_hidden(actor, submission_id)
        raise NotFound
    return row


def leads_named(actor: Actor, lead_ids: Iterable[UUID | None]) -> dict[UUID, Lead]:
    """Return those of the named leads that the actor may see at all, with stage and owning team."""
    ids = [each for each in lead_ids if each is not None]
    rows = delivered_leads(actor) if actor.is_agency else Lead.rows()
    return {lead.id: lead for lead in rows.filter(id__in=ids).select_related("stage", "owner_team")}


def attribution(actor: Actor, campaign: str = "") -> QuerySet[Touch]:
    """Return the contacts whose origin the actor may see: its own deliveries', or those of visible leads.

    `campaign` narrows them to one campaign's, by key.
    """
    rows = Touch.rows().select_related("source", "campaign", "party")
    if campaign:
        rows = rows.filter(campaign__key=campaign)
    if actor.party_id is not None:
        return rows.filter(party_id=actor.party_id)
    return rows.filter(lead__in=visible_leads(actor))


def _states_sent(submission_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    found: dict[UUID, dict[str, str]] = {}
    rows = ConsentEvent.rows().filter(submission_id__in=submission_ids).order_by("recorded_at", "id")
    for submission_id, channel, value in rows.values_list("submission_id", "channel", "value"):
        if submission_id is not None:
            found.setdefault(submission_id, {})[channel] = value
    return found
