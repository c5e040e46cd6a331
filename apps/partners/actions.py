"""What a partner may do: submit a lead, log a contact where its contract says so, and rehearse a delivery."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Party
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.actions import Receipt, payload_of, receive
from apps.capture.document_rules import Attached
from apps.capture.documents import keep_documents, require_taken
from apps.capture.models import Submission, SubmissionDocument
from apps.capture.referral import is_referral
from apps.capture.schema import LeadPost
from apps.catalog.terms import SourceType
from apps.flows.contacts import Contact, log_beside
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.leads.queries import stages_by_key
from apps.outreach.models import Activity
from apps.ownership.policy import is_shared
from apps.ownership.queries import policy_of
from apps.partners.decisions import may_log
from apps.partners.delivering import envelope_of
from apps.partners.queries import delivered_lead, delivery, require
from apps.partners.terms import LogCode
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused


def log_agency_contact(*, actor: Actor, lead_id: UUID, contact: Contact, now: datetime) -> Activity:
    """Add an agency's contact to the lead's story.

    It meets no clock and moves no stage: those rest on what the owning team did. "Do not contact" is an opt-out
    in the same transaction, also on a closed lead: whoever hears it records it (rows CN-04, CN-14). Refuses agencies
    whose agreement does not say that they log (row TK-08), keys without `activity:log`, leads of others, other contacts
    on closed leads, future contacts, and a second entry under one key. Where the lead's ownership policy shares it
    until a stage, agencies log until then (row OW-10).
    """
    lead = delivered_lead(actor, lead_id)
    if not actor.may(Permission.ACTIVITY_LOG):
        raise Refused(
            f"Contacts on {lead.ref} are logged by the care team: your agreement does not include them.",
            code="agency",
            action="lead.log_contact",
            object_type="lead",
            object_id=lead.id,
        )
    if contact.agrees_to_calls is not None:
        raise Refused(
            "Consent is kept by the team that maintains it; with “do not contact” you stop contact.",
            code="agency",
            action="consent.widen",
            object_type="lead",
            object_id=lead.id,
            fields=("consent",),
        )
    party = Party.rows().filter(id=actor.party_id).first() if actor.party_id else None
    if may_log(party.agreement if party else {}, is_stop=bool(contact.stopped)) is not LogCode.OK:
        owner = lead.owner_team.name if lead.owner_team else "the care team"
        raise Refused(
            f"Client logs only: your agreement leaves the contacts on {lead.ref} to {owner}. Ask for another clause.",
            code=LogCode.CLIENT_LOGS_ONLY,
            action="lead.log_contact",
            object_type="lead",
            object_id=lead.id,
        )
    lead = lock_lead(lead_id)
    require_sharing(lead, now)
    return log_beside(lead, contact, by="the agency", actor=actor, now=now)


def require_sharing(lead: Lead, now: datetime) -> None:
    """Raise Refused where the lead's policy shares it until a stage only, and that stage is reached (row OW-10)."""
    policy = policy_of(lead, now)
    if policy.sharing is None:
        return
    stages = stages_by_key(lead.pipeline_id)
    if policy.sharing.agency and is_shared(policy, lead.stage.key, tuple(stages)):
        return
    until = stages[policy.sharing.until].label if policy.sharing.until in stages else policy.sharing.until
    words = f"until {until}" if policy.sharing.agency else "with other teams, and not with agencies"
    raise Refused(
        f"{lead.ref} was shared {words}: its contacts are logged by the care team now.",
        code="agency",
        action="lead.log_contact",
        object_type="lead",
        object_id=lead.id,
    )


def submit_lead(
    *, actor: Actor, payload: dict[str, Any], documents: Sequence[Attached], key: str, now: datetime
) -> Receipt:
    """Take a lead in that a partner's person typed into the portal: a delivery like those of its programs.

    The rules of the party's source hold. The same form sent twice is one delivery, with its documents once. Refuses
    who may not deliver for a party, sources that are not the party's, documents that are not taken, and other words
    under a key that was used. After commit the intake is woken.
    """
    if actor.party_id is None or not actor.may(Permission.DELIVERY_POST):
        raise Refused("Your role submits no leads. Ask your administrator.", action="delivery.post")
    envelope = envelope_of(actor, LeadPost.model_validate(payload), payload, now, key)
    if envelope.source.party_id != actor.party_id:
        detail = f"“{envelope.source_typed}” is no source of yours."
        raise Invalid(detail, (Problem("/source", "source_not_yours", detail),))
    require_taken(documents)
    receipt = receive(actor=actor, envelope=envelope, now=now)
    if receipt.mismatch:
        raise Conflict("This form was sent before with other words. Open a new one.", code="sent")
    keep_documents(actor=actor, submission_id=receipt.submission_id, files=documents, now=now)
    if not receipt.is_replay:
        ledger.record(actor=actor, action="delivery.post", object_type="submission", object_id=receipt.submission_id)
    return receipt


def rehearse_delivery(*, actor: Actor, party: Party, payload: dict[str, Any], key: str, now: datetime) -> Receipt:
    """Take a test lead in for an agency: the intake judges it and keeps the outcome, and nothing else of it.

    It takes the delivery's own way, so the outcome is what a live lead would get. Refuses who may
    neither deliver nor manage the agency, and sources that are not the agency's. Its own id is not used
    up: a live delivery may carry it later. After commit the intake is woken.
    """
    if not (actor.may(Permission.DELIVERY_POST) or actor.may(Permission.AGENCY_MANAGE)):
        raise Refused("Your role sends no test leads. Ask your administrator.", action="delivery.rehearse")
    envelope = envelope_of(actor, LeadPost.model_validate(payload), payload, now, key)
    if envelope.source.party_id != party.id:
        detail = f"“{envelope.source_typed}” is no source of {party.name}."
        raise Invalid(detail, (Problem("/source", "source_not_yours", detail),))
    envelope = replace(envelope, external_id="", party_id=party.id, is_test=True, is_rehearsal=True)
    receipt = receive(actor=actor, envelope=envelope, now=now)
    ledger.record(actor=actor, action="delivery.rehearse", object_type="submission", object_id=receipt.submission_id)
    return receipt


def add_document(
    *, actor: Actor, submission_id: UUID, file: Attached, now: datetime
) -> tuple[SubmissionDocument, bool]:
    """Keep a document of a referral that the actor delivered, sealed; say whether it is new.

    The same content again is the document that is there. A lead that it has become says in its story that one came.
    Refuses keys that may not deliver, deliveries of others as absent ones, deliveries that are no referral, and what
    no door takes (`document_rules`), counting what the delivery has.
    """
    require(actor, Permission.DELIVERY_POST, "document.add")
    delivery(actor, submission_id)
    # Two at once count each other's.
    rows = Submission.rows().select_for_update(of=("self",)).select_related("source")
    row = rows.get(id=submission_id)
    if row.source.type != SourceType.REFERRAL and not is_referral(payload_of(row)):
        sentence = "Documents come with a referral; this delivery is none."
        raise Conflict(sentence, code="no_referral")
    there = SubmissionDocument.rows().filter(submission_id=row.id, digest=file.digest).defer("sealed")
    if (known := there.first()) is not None:
        return known, False
    keep_documents(actor=actor, submission_id=row.id, files=[file], now=now)
    if row.lead_id is not None:
        tell(
            lock_lead(row.lead_id),
            kind="document",
            sentence=f"A document of the referral came from {actor.label}.",
            actor=actor,
            now=now,
        )
    return there.get(), True
