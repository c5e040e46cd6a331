"""Write to a business that did not ask: with purpose and basis on record, never against a refusal (row CN-17)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.consent.queries import Reach, reaches
from apps.consent.terms import Channel, Purpose
from apps.flows.precontact import refuse_contact
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.outreach.actions import intend_message
from apps.outreach.business import business_templates, why_not_business
from apps.outreach.business_models import BusinessMail
from apps.outreach.models import Message
from apps.outreach.terms import BUSINESS_MAIL, Basis
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.writing import insert

ACTION = "lead.business_mail"
BASIS_WORDS = {
    Basis.RELATION: "we work with them already",
    Basis.ASKED: "they asked for it",
    Basis.PUBLISHED: "they publish this address for such offers",
    Basis.REFERRED: "somebody at the business named them to us",
}


@dataclass(frozen=True, slots=True)
class NewMail:
    """A business mail to write: which template, to what end, and why it may be written."""

    template: str
    about: str
    basis: Basis


def write_business_mail(*, actor: Actor, lead_id: UUID, mail: NewMail, now: datetime) -> BusinessMail:
    """Write to the business of a lead; the sender asks for refusals once more before it goes.

    Refuses who may not work the lead, and with the code of the gate whoever refused mails or is on the do-not-contact
    list; Conflict for a closed lead and for one that is not about a business. Invalid names what is missing.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action=ACTION)
    _check(mail, now)
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    if refusal := why_not_business(lead):
        raise Conflict(refusal, code="not_a_business")
    refuse_contact(lead)
    reach = reach_of(lead, now)
    if not reach.verdict.allowed or reach.point is None:
        sentence, code = reach.verdict.sentence, reach.verdict.code
        raise Refused(sentence, code=code, action=ACTION, object_type="lead", object_id=lead.id)
    row = BusinessMail(
        message=_intend(lead, mail, reach, now),
        about=mail.about.strip()[:300],
        basis=mail.basis,
        written_by=actor.label[:200],
        written_at=now,
    )
    insert(row)
    sentence = f"Business mail: {row.about} Basis: {BASIS_WORDS[mail.basis]}."
    tell(lead, kind="message", sentence=sentence[:300], actor=actor, now=now)
    ledger.record(
        actor=actor,
        action=ACTION,
        object_type="lead",
        object_id=lead.id,
        fields=["email"],
        detail={"message": str(row.message_id), "basis": str(mail.basis)},
    )
    return row


def reach_of(lead: Lead, now: datetime) -> Reach:
    """Return how the business of a lead may be mailed now."""
    document, zone = live_document("contact", now), current_organization().zone
    found = reaches(lead, now=now, document=document, default_zone=zone, purpose=Purpose.BUSINESS)
    return found[Channel.EMAIL]


def _check(mail: NewMail, now: datetime) -> None:
    problems = []
    if not mail.about.strip():
        problems.append(Problem("/about", "missing", "Say to what end you write."))
    if mail.template not in {each.template.key for each in business_templates(now)}:
        wrong = "Choose a template of business mails that says how to stop them."
        problems.append(Problem("/template", "unknown", wrong))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def _intend(lead: Lead, mail: NewMail, reach: Reach, now: datetime) -> Message:
    person, point = lead.contact_person or lead.person, reach.point
    assert point is not None
    message = intend_message(
        lead,
        purpose=BUSINESS_MAIL,
        template_key=mail.template,
        contact_point=point,
        words={
            "first_name": person.first_name,
            "organization": current_organization().name,
            "reference": lead.ref,
            "about": mail.about.strip(),
        },
        language=person.language or "en",
        dedup_key=f"business:{new_id()}",
        now=now,
    )
    if message is None:
        raise Conflict("The address is invalid.", code="invalid_point")
    return message
