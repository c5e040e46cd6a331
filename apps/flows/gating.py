"""What the gates ask of a lead, as known today: the one answer of every path into a stage (rows ST-03, ST-04)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.appointments.models import Appointment
from apps.consent.queries import states_of
from apps.leads.completeness import Completeness, completeness
from apps.leads.decisions import gate_verdict, may_move
from apps.leads.models import ContactPoint, Lead
from apps.leads.queries import gates_in_force, stages_by_key
from apps.leads.terms import FIELD_WORDS, PATIENT, LeadEvent, MoveCode, MoveVerdict, StageKey
from apps.outreach.queries import has_talked
from apps.policies.queries import live_document
from apps.qualification.queries import verification_of
from apps.tenancy.errors import Conflict, Invalid, Problem

#: Events that a person states by the move itself, with a reason; all others must be on record already.
STATED = {
    "not_qualified": LeadEvent.DISQUALIFIED,
    "nurture": LeadEvent.NURTURE_STARTED,
    "in_treatment": LeadEvent.CARE_STARTED,
}


def judge_move(lead: Lead, to_stage: str, now: datetime, *, stated: frozenset[str] = frozenset()) -> MoveVerdict:
    """Say whether a lead may move to a stage now, from what is on record and what is `stated` with the move."""
    return may_move(
        from_stage=lead.stage.key,
        to_stage=to_stage,
        events=events_of(lead, now) | stated,
        facts=known_of(lead, now),
        document=gates_in_force(now),
        labels=_labels(lead),
    )


def gate_of(lead: Lead, to_stage: str, now: datetime) -> MoveVerdict:
    """Say whether a lead has what a stage asks for, whatever brings it there. Costs nothing where it asks nothing."""
    gates = gates_in_force(now)
    facts = known_of(lead, now) if gates.asked.get(to_stage) else {}
    return gate_verdict(to_stage, facts, gates, _labels(lead))


def stage_after(lead: Lead, event: str, now: datetime) -> tuple[str, str]:
    """Return the stage that an event brings a lead to, "" where it stays; and what kept it from the stage, if anything.

    An event that happens by itself (a logged contact, a chat) moves nobody past a gate: the lead stays where it is
    and says what it lacks.
    """
    moves = gates_in_force(now).moves_from(lead.stage.key)
    target = next((move.to_stage for move in moves if move.event == event), "")
    verdict = gate_of(lead, target, now)
    return (target, "") if verdict.allowed else ("", verdict.sentence)


def refuse_move(verdict: MoveVerdict, to_stage: str = "", unmet: Sequence[Problem] = ()) -> None:
    """Raise for a move that may not be; of what keeps a lead from being qualified, all is named at once (row QL-07).

    Fields that are missing are named each, anything else is a conflict.
    """
    if not verdict.allowed and verdict.code is not MoveCode.FIELDS_MISSING:
        raise Conflict(verdict.sentence, code=verdict.code)
    unmet = unmet if to_stage == StageKey.QUALIFIED else ()
    if verdict.allowed and not unmet:
        return
    names = ["consent" if each == "consent_any" else each for each in verdict.missing]
    problems = [Problem(f"/{each}", "missing", f"{each.replace('_', ' ')} is missing.") for each in names]
    sentence = verdict.sentence
    if to_stage == StageKey.QUALIFIED:
        named = [FIELD_WORDS.get(each, each.replace("_", " ")) for each in verdict.missing]
        sentence = f"Cannot qualify: {', '.join([*named, *(each.detail for each in unmet)])}."
    raise Invalid(sentence, (*problems, *unmet), code=verdict.code if problems else "criteria_unmet")


def _labels(lead: Lead) -> dict[str, str]:
    return {key: stage.label for key, stage in stages_by_key(lead.pipeline_id).items()}


def events_of(lead: Lead, now: datetime) -> set[str]:
    """Return the events that the lead's own records prove."""
    booked = Appointment.rows().filter(lead=lead).exclude(state="cancelled").exists()
    verified = verification_of(lead) is not None
    return events_proven(lead, talked=has_talked(lead), booked=booked, verified=verified)


def events_proven(lead: Lead, *, talked: bool, booked: bool, verified: bool) -> set[str]:
    """Return the events that a lead proves, for who knows already whether they talked, booked and verified.

    Where no script verifies, a conversation is what a verdict rests on (row QL-04).
    """
    found: set[str] = {LeadEvent.ROUTING_DECIDED} if lead.owner_team_id else set()
    if lead.attempts:
        found.add(LeadEvent.ATTEMPT_LOGGED)
    if talked:
        found.add(LeadEvent.CALL_CONNECTED)
    if booked:
        found.add(LeadEvent.APPOINTMENT_BOOKED)
    if verified or (talked and lead.pipeline.key != PATIENT):
        found.add(LeadEvent.QUALIFICATION_CONFIRMED)
    return found


def known_of(lead: Lead, now: datetime) -> dict[str, Any]:
    """Return what the gates ask for, as known today."""
    person = lead.contact_person or lead.person
    states = states_of([person.id], now, lead_id=lead.id)[person.id]
    points = {row.kind: row.validity for row in ContactPoint.rows().filter(person=person).order_by("is_primary")}
    return facts_known(lead, consented=any(state.value == "granted" for state in states.values()), validity=points)


def facts_known(lead: Lead, *, consented: bool, validity: Mapping[str, str]) -> dict[str, Any]:
    """Return what the gates ask for, for who knows already the consent and the contact points."""
    return {
        "service": lead.service.key if lead.service else None,
        "patient_type": lead.patient_type or None,
        "location": lead.location.key if lead.location else None,
        "preferred_channel": lead.preferred_channel or None,
        "consent_any": consented,
        "phone_validity": validity.get("phone"),
        "email_validity": validity.get("email"),
        "payer": lead.payer or None,
        "timeframe": lead.timeframe or None,
    }


def completeness_of(lead: Lead, facts: Mapping[str, Any], now: datetime) -> Completeness | None:
    """Return how complete a lead is for the next stage of its pipeline that asks for anything; None when closed."""
    if lead.closed_at is not None:
        return None
    order = [key for key, each in stages_by_key(lead.pipeline_id).items() if each.is_open]
    return completeness(lead.stage.key, order, facts, live_document("gates", now))
