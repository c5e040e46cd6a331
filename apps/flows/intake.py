"""A submission's whole way, in one transaction: from what came in to an owner with a running clock.

The body of `process_submission` reads as the table in the architecture notes. It is run by the
worker, may be run again, and either everything of it is there or nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from apps.accounts.terms import PartyKind
from apps.audit import ledger
from apps.capture.decisions import is_blank, judge
from apps.capture.manual import person_named
from apps.capture.models import Submission
from apps.capture.terms import CheckResult, ValidityState, ValidityVerdict
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import stopped
from apps.consent.actions import Claim, record_claims
from apps.consent.queries import states_of
from apps.consent.terms import NEVER_REOPENS, Channel, ConsentState, ConsentValue
from apps.flows import first_steps, papers, reachability, reopening, repeats, replies, unmapped
from apps.flows.alarms import heed_alarm
from apps.flows.arrival import Case, claims_of, facts_of, open_case, patient_of, submitter_of
from apps.flows.bounces import heed_bounces, say_why
from apps.flows.listed import heed_list
from apps.flows.opt_out import heed_values, leads_of, stop_contact
from apps.flows.rehearsal import rehearse
from apps.flows.said_stop import SPOKEN_TO_US, heed_words, show_words
from apps.identity import actions as identity
from apps.identity.actions import Found
from apps.identity.seeking import lock_values
from apps.identity.terms import LeadAction, LeadVerdict, MatchKey, Verdict
from apps.leads.models import Lead, Person
from apps.tenancy import outbox
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.scope import current_organization_id

log = structlog.get_logger("intake")
#: So soon a delivery is looked at again whose agency has no agreement in order.
ASKS_AGAIN = timedelta(hours=1)
REFUSALS = (ConsentValue.DENIED, ConsentValue.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission."""

    verdict: str
    reasons: tuple[Mapping[str, str], ...]
    lead: Lead | None = None
    person: Person | None = None


@outbox.handler("intake.process")
def process_submission(submission_id: UUID, now: datetime) -> None:
    """Bring one submission to its outcome. A second run finds it processed and does nothing.

    What an agency delivered whose agreement is not in order is kept, and waits for that (row PH-09).
    """
    submission = (
        Submission.rows()
        .select_for_update(of=("self",))
        .select_related("source__campaign", "party")
        .get(id=submission_id)
    )
    if submission.state == "processed":
        return
    party = submission.party
    if party is not None and party.kind == PartyKind.AGENCY and stopped(UseKind.AGENCY, party.key, now=now):
        outbox.enqueue("intake.process", submission_id, due_at=now + ASKS_AGAIN)
        return
    case = heed_bounces(open_case(submission, now))
    for earlier in _told_before(case):
        process_submission(earlier, now)
    _finish(case, rehearse(lambda: _work(case)) if submission.is_rehearsal else _work(case))


def _told_before(case: Case) -> list[UUID]:
    """Return the sender's first word on the same inquiry where it still waits: a later one must find its lead."""
    if not case.draft.external_id or case.submission.external_id is not None:
        return []
    rows = Submission.rows().filter(source=case.source, external_id=case.draft.external_id, state="received")
    return list(rows.values_list("id", flat=True))


def _work(case: Case) -> Outcome:
    """Do everything that an inquiry asks for, and say what became of it."""
    first_look = judge(
        case.draft,
        case.document("validity"),
        required=case.spec.required_fields,
        source=case.source.key,
        consent_states={},
    )
    if is_blank(case.draft) or first_look.state is ValidityState.EXCLUDED:
        return Outcome("rejected", _reasons(first_look))
    if (answer := replies.answer_of(case)) is not None:
        _keep_permissions(case, answer.person)
        said = heed_words(case, answer.person)
        lead = replies.join(case, answer)
        show_words(case, lead, said)
        heed_alarm(lead, answer.person, case.draft.message, case.now)
        papers.tell_refused(case, lead)
        reason = {"code": "reply", "detail": f"An answer to {answer.called}."}
        return Outcome("update", (reason,), lead, answer.person)
    # A rehearsal looks among real people, as the live lead would; nothing of it stays.
    patient, contact = _identify(case, is_test=first_look.is_test and not case.submission.is_rehearsal)
    say_why(case)
    _hear_again(case, patient, contact)
    _keep_permissions(case, contact)
    said = heed_words(case, contact)
    states = states_of([contact.id], case.now)[contact.id]
    validity = judge(
        case.draft,
        case.document("validity"),
        required=case.spec.required_fields,
        source=case.source.key,
        consent_states={str(channel): str(state.value) for channel, state in states.items()},
    )
    validity = heed_list(case, contact, validity)
    arrival = _judge_arrival(case, patient)
    lead = _take_in(case, patient, contact, arrival, validity, states)
    _note_match(case, patient, lead, arrival)
    show_words(case, lead, said)
    if case.draft.capture_method in SPOKEN_TO_US:
        heed_alarm(lead, contact, case.draft.message, case.now)
    unmapped.note_words(case, lead)
    papers.tell_refused(case, lead)
    return _outcome(case, lead, patient.person, arrival, validity)


def _identify(case: Case, *, is_test: bool) -> tuple[Found, Person]:
    """Return the patient and whom we contact for them; usually the same person."""
    sketch, asker = replace(patient_of(case), is_test=is_test), submitter_of(case)
    known, said_at = _known_ids(case), min(case.submission.event_at, case.now)
    if asker is not None:
        lock_values((*sketch.points, *asker.points))
    patient = identity.find_or_make_person(sketch, known_ids=known, said_at=said_at, now=case.now)
    if asker is None:
        return patient, patient.person
    sketch = replace(asker, is_test=is_test)
    return patient, identity.find_or_make_person(sketch, known_ids={}, said_at=said_at, now=case.now).person


def _known_ids(case: Case) -> dict[UUID, frozenset[str]]:
    """Return the people that the same sender named under the same id before.

    A sender is a party; without one it is the source, since two tools of ours may both count from 1. A colleague who
    types an inquiry in may have chosen somebody on file.
    """
    if not case.draft.external_id:
        return {}
    party = case.submission.party
    if case.submission.door == Door.PAGE and party is None:
        chosen = person_named(case.draft.external_id)
        return {chosen: frozenset({case.draft.external_id})} if chosen else {}
    sender = {"party": party} if party else {"party": None, "source": case.source}
    rows = Submission.rows().filter(**sender, external_id=case.draft.external_id, person_id__isnull=False)
    ids = rows.values_list("person_id", flat=True)
    return {each: frozenset({case.draft.external_id}) for each in ids if each is not None}


def _hear_again(case: Case, patient: Found, contact: Person) -> None:
    """Let a number or an address that was given up count again where the person tells it anew (row VQ-06)."""
    sketch = submitter_of(case) or patient_of(case)
    told = [(each.kind, each.value) for each in sketch.points if each.validity != "invalid"]
    if told and not patient.is_new:
        reachability.heard_again(contact, told, actor=system_actor(current_organization_id()), now=case.now)


def _keep_permissions(case: Case, contact: Person) -> None:
    """Store what the inquiry says of consent; a refusal in it stops what is on its way (row CN-04)."""
    sketch = submitter_of(case) or patient_of(case)
    told = claims_of(case, sketch)
    heed_values(contact, [each.value for each in sketch.points], granted=_worded_grants(case, told), now=case.now)
    claims = _weighed(told, contact, case)
    if not claims:
        return
    label = case.submission.party.name if case.submission.party else case.source.name
    record_claims(contact, claims, submission_id=case.submission.id, source="capture", by=label, now=case.now)
    if not any(each.value in REFUSALS for each in claims):
        return
    states = states_of([contact.id], case.now)[contact.id]
    silenced = [
        channel
        for channel in Channel
        if states[channel].value in REFUSALS
        and any(each.channel == channel and each.value == states[channel].value for each in claims)
    ]
    if silenced and leads_of(contact):
        actor, reason = system_actor(current_organization_id()), f"said so in an inquiry through {label}"
        stop_contact(contact, silenced, actor=actor, reason=reason, now=case.now)


def _worded_grants(case: Case, claims: list[Claim]) -> set[tuple[str, str]]:
    """Return what a live inquiry permits in words, as (channel, number or address)."""
    if case.draft.is_test or case.submission.is_rehearsal:
        return set()
    worded = [each for each in claims if each.evidence_kind not in NEVER_REOPENS]
    return {(each.channel, each.contact_value) for each in worded if each.value == ConsentValue.GRANTED}


def _weighed(claims: list[Claim], contact: Person, case: Case) -> list[Claim]:
    """Leave out permissions that nobody wrote down where the person has said no to that channel.

    What only follows from the contact itself, and what a colleague says to have heard, opens nothing that was refused.
    """
    if not any(each.evidence_kind in NEVER_REOPENS and each.value == ConsentValue.GRANTED for each in claims):
        return claims
    states = states_of([contact.id], case.now)[contact.id]
    refused = {str(channel) for channel in Channel if states[channel].value in REFUSALS}
    return [
        each
        for each in claims
        if each.value != ConsentValue.GRANTED or each.evidence_kind not in NEVER_REOPENS or each.channel not in refused
    ]


def _judge_arrival(case: Case, patient: Found) -> LeadVerdict:
    """Judge the arrival by the duplicate rules; a sender's later word on an inquiry belongs to its lead."""
    told_before = case.draft.external_id and case.submission.external_id is None
    if told_before and case.submission.door == Door.HOOK and (lead_id := _lead_told_of(case)) is not None:
        reason = "The sender's update of the same inquiry."
        return LeadVerdict(LeadAction.UPDATE, Verdict.UPDATE, lead_id, "", reason)
    keys = (*patient.verdict.keys, *patient.verdict.agrees)
    if case.submission.door == Door.PAGE:
        # Whom a colleague chose is who it is; that alone says nothing of which inquiry they mean.
        keys = tuple(
            each for each in keys if each != MatchKey.EXTERNAL_ID or person_named(case.draft.external_id) is None
        )
    verdict = identity.judge(
        person=None if patient.is_new else patient.person,
        keys=keys,
        service=case.draft.service_key,
        campaign=case.campaign.key if case.campaign else "",
        party=case.party_key,
        at=case.submission.event_at,
        document=case.document("duplicates"),
    )
    return reopening.heed(verdict, case.now)


def _lead_told_of(case: Case) -> UUID | None:
    """Return the lead that this sender's first word on the same inquiry led to."""
    rows = Submission.rows().filter(source=case.source, external_id=case.draft.external_id, lead_id__isnull=False)
    return rows.order_by("stored_at", "id").values_list("lead_id", flat=True).first()


def _take_in(
    case: Case,
    patient: Found,
    contact: Person,
    arrival: LeadVerdict,
    validity: ValidityVerdict,
    states: Mapping[Channel, ConsentState],
) -> Lead:
    """Merge into an earlier lead, or open one with everything that belongs to it."""
    facts = facts_of(case, states=states, validity=str(validity.state), is_repeat=arrival.action is not LeadAction.NEW)
    if arrival.action in (LeadAction.MERGE, LeadAction.UPDATE) and arrival.lead_id is not None:
        return repeats.join(case, arrival, validity, facts)
    if arrival.action is LeadAction.REOPEN and arrival.lead_id is not None:
        return reopening.take_up(case, arrival, validity, facts)
    return first_steps.open_lead(case, patient.person, contact, arrival, validity, facts)


def _note_match(case: Case, patient: Found, lead: Lead, arrival: LeadVerdict) -> None:
    identity.note_match(
        submission_id=case.submission.id,
        person=patient.person,
        lead=lead,
        found=patient.verdict,
        verdict=arrival,
        version=case.versions.get("duplicates"),
        facts={
            "service": case.draft.service_key,
            "campaign": case.campaign.key if case.campaign else "",
            "party": case.party_key,
            "at": case.submission.event_at.isoformat(),
        },
        now=case.now,
    )


def _outcome(case: Case, lead: Lead, person: Person, arrival: LeadVerdict, validity: ValidityVerdict) -> Outcome:
    verdict = str(arrival.verdict)
    joined = arrival.action in (LeadAction.MERGE, LeadAction.UPDATE)
    if validity.state is ValidityState.HELD and not joined:
        verdict = "held"
    reasons = [*_reasons(validity), {"code": f"match_{arrival.action}", "detail": arrival.reason}]
    if case.source.key == "unknown":
        reasons.append({"code": "unknown_source", "detail": f"“{case.submission.source_typed}” is no known source."})
    if validity.is_test:
        reasons.append({"code": f"would_be_{verdict}", "detail": f"A test. As a live lead it would be “{verdict}”."})
        verdict = "test"
    if case.submission.is_rehearsal:
        return Outcome(verdict, tuple(reasons))
    return Outcome(verdict, tuple(reasons), lead, person)


def _reasons(validity: ValidityVerdict) -> tuple[Mapping[str, str], ...]:
    """What was found, what decided first: the sender is told the first one as the reason."""
    return tuple(
        {"code": str(each.code), "detail": each.detail, "check": each.check_id, "pointer": each.pointer}
        for each in sorted(validity.findings, key=lambda each: list(CheckResult).index(each.result))
    )


def _finish(case: Case, outcome: Outcome) -> None:
    row = case.submission
    row.state, row.processed_at, row.verdict = "processed", case.now, outcome.verdict
    row.reasons = [dict(each) for each in outcome.reasons]
    row.lead_id = outcome.lead.id if outcome.lead else None
    row.person_id = outcome.person.id if outcome.person else None
    row.counted_as_delivered = outcome.verdict == "new"
    row.save(
        update_fields=["state", "processed_at", "verdict", "reasons", "lead_id", "person_id", "counted_as_delivered"]
    )
    log.info(
        "submission_processed",
        submission_id=str(row.id),
        verdict=row.verdict,
        lead_id=str(row.lead_id) if row.lead_id else None,
        seconds=round((case.now - row.received_at).total_seconds(), 2),
    )
    # The door itself stores in one statement and notes nothing; what an agency sent is found by its party here.
    ledger.record(
        actor=replace(system_actor(current_organization_id()), party_id=row.party_id),
        action="submission.process",
        object_type="submission",
        object_id=row.id,
        detail={"verdict": row.verdict, "lead": str(row.lead_id) if row.lead_id else None},
    )
