"""The verification call: a script's questions asked in a conversation, and the answers kept (row QL-10)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.audit import ledger
from apps.capture.scripts import FIELDS, Script, usual_verification, verification_for, with_catalog
from apps.catalog.queries import locations_by_key, services_by_key
from apps.flows.clashes import lock_unchanged, value_of
from apps.flows.eligibility import look_at_eligibility
from apps.flows.notes import edit_lead, why_no_such_visit
from apps.flows.proofs import on_record
from apps.leads.actions import tell
from apps.leads.closing import Proof
from apps.leads.models import Lead
from apps.leads.terms import APPOINTMENT_TYPE as VISIT
from apps.leads.terms import PATIENT
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.queries import versions_in_force
from apps.qualification.models import Verification
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert


def verify_lead(
    *, actor: Actor, lead_id: UUID, answers: Mapping[str, str], now: datetime, version: int | None = None
) -> Verification:
    """Keep what was confirmed in a conversation, by question; answers to fields of the lead are written there too.

    Refuses people whose team does not own the lead, closed leads, leads with whose person nobody talked, and a
    question without an answer of its own.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    require_change(actor, lead, ("qualification",), now=now, action="lead.verify")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you verify it.", code="closed")
    script = verification_script(lead, now)
    if script is None:
        raise NotFound
    if Proof.CONVERSATION not in on_record(lead, now).proven:
        sentence = "Verification is asked in a conversation: log the contact first."
        raise Conflict(sentence, code="no_conversation")
    said = _said(script, answers)
    changes = {name: value for name, value in _told(lead, script, said).items() if value != value_of(lead, name)}
    event_id = new_id()
    row = Verification(
        lead=lead,
        script_id=script.id,
        script_version=_version_number(now) if script.id != usual_verification().id else 0,
        answers=said,
        member_id=actor.membership_id,
        actor_label=actor.label,
        verified_at=now,
        event_id=event_id,
    )
    insert(row)
    asked = {each.fills: each for each in script.questions}
    words = [f"{name.replace('_', ' ')} {asked[name].word_of(value)}" for name, value in said.items()]
    sentence = f"Verified: {', '.join(words)}."
    tell(lead, kind="verified", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.verify",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["qualification"],
        detail={"script": script.id, "answered": sorted(said)},
    )
    if changes:
        source = f"From the script “{script.name}”."
        lead = edit_lead(actor=actor, lead_id=lead_id, changes=changes, now=now, source=source)
    look_at_eligibility(lead, now)
    return row


def verification_script(lead: Lead, now: datetime) -> Script | None:
    """Return the script that a lead is verified by: the tenant's for its service, else the usual one of patients."""
    version = versions_in_force(now).get("scripts")
    service = lead.service.key if lead.service else ""
    script = verification_for(version.document, service=service) if version is not None else None
    if lead.pipeline.key != PATIENT:
        return None
    script = script or usual_verification()
    services = {row.key: row.name for row in services_by_key().values() if row.is_active}
    locations = {row.key: row.name for row in locations_by_key().values() if row.is_available}
    visits = {each: each for each in (lead.service.appointment_types if lead.service else ())}
    return with_catalog(script, {"service": services, "location": locations, "appointment_type": visits})


def _told(lead: Lead, script: Script, said: Mapping[str, str]) -> dict[str, str]:
    """Return what of the answers the lead keeps itself; a type of visit in words that its service uses."""
    told = {name: value for name, value in said.items() if name in FIELDS}
    if VISIT in told:
        told[VISIT] = next(each for each in script.questions if each.fills == VISIT).word_of(told[VISIT])
        if why_no_such_visit(lead, told) is not None:
            del told[VISIT]
    return told


def known_answers(lead: Lead, script: Script) -> dict[str, Any]:
    """Return what the lead knows already of what its script asks, by question, as a form sends it."""
    found = {}
    for each in script.questions:
        value = value_of(lead, each.fills) if each.fills in FIELDS else ""
        found[each.id] = value if each.is_live else each.word_of(value) if value else ""
    return found


def _said(script: Script, answers: Mapping[str, str]) -> dict[str, str]:
    said, problems = dict[str, str](), []
    for question in script.questions:
        text = answers.get(question.id, "").strip()
        value = question.value_of(text) if text else ""
        if not text:
            problems.append(Problem(f"/{question.id}", "answer_missing", f"Ask: “{question.ask}”"))
        elif not value:
            sentence = f"“{text[:40]}” is no answer to “{question.ask}”."
            problems.append(Problem(f"/{question.id}", "not_an_answer", sentence))
        else:
            said[question.fills] = value
    if problems:
        raise Invalid(problems[0].detail, tuple(problems), code="incomplete")
    return said


def _version_number(now: datetime) -> int:
    version = versions_in_force(now).get("scripts")
    return version.number if version is not None else 0
