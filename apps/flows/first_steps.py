"""A new lead's first steps: score, route, owner, clocks, first task, acknowledgement. One instant, one event.

The lead's row is written once it has an owner; an open lead without one cannot exist, by constraint.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.audit import ledger
from apps.capture.call_times import call_line, call_times
from apps.capture.terms import Draft, ValidityVerdict
from apps.catalog.queries import locations_by_key, services_by_key
from apps.catalog.terms import CaptureMethod
from apps.flows import (
    clocks,
    consistency,
    exceptional,
    inferring,
    information,
    marketing,
    owning,
    precontact,
    referrals,
)
from apps.flows.arrival import Case, mismatch_of, patient_of, submitter_of, words_in
from apps.flows.entering import run_stage
from apps.flows.masking import without_health
from apps.flows.opportunities import name_group
from apps.flows.phi import look_at_inquiry
from apps.flows.recorded import recorded_of
from apps.flows.signals import place_at, signs_of
from apps.flows.streams import carries, hold_resting
from apps.identity.terms import LeadAction, LeadVerdict
from apps.leads.actions import next_number, tell, walk_stages
from apps.leads.models import Lead, LeadParty, Person, Pipeline, PriorityOverride, Touch
from apps.leads.queries import pipelines_by_key, stages_by_key
from apps.leads.terms import DOWNLOAD, LeadEvent, PartyPart, StageKey
from apps.ownership.actions import assign
from apps.policies.ruling import Ruling, ruling_for
from apps.privacy import details
from apps.qualification.actions import judge as judge_score
from apps.qualification.actions import keep_score
from apps.qualification.terms import ScoreVerdict
from apps.routing.actions import Routed, keep_decision, route
from apps.routing.terms import Place
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.writing import gathering, insert

#: Which pipeline takes a class that has none of its own (row CP-24).
SIMILAR_PIPELINES = {"business": "partnership"}


def open_lead(
    case: Case,
    person: Person,
    contact: Person,
    arrival: LeadVerdict,
    validity: ValidityVerdict,
    facts: dict[str, Any],
) -> Lead:
    """Open a lead of its own, with exactly one owner, running clocks and a dated next action.

    Held leads and exceptions are owned too: by the queue that their rules or the fallback name.
    After commit the acknowledgement is sent.
    """
    with gathering():
        lead = _open_lead(case, person, contact, arrival, validity, facts)
    if carries(lead):
        hold_resting(lead, now=case.now)
    run_stage(lead, actor=system_actor(case.organization.id), event_id=new_id(), now=case.now)
    return lead


def _open_lead(
    case: Case,
    person: Person,
    contact: Person,
    arrival: LeadVerdict,
    validity: ValidityVerdict,
    facts: dict[str, Any],
) -> Lead:
    event_id, actor = new_id(), system_actor(case.organization.id)
    lead = _new_lead(case, person, contact, validity)
    lead.related_to_id = arrival.lead_id if arrival.action is LeadAction.LINK else None
    words = words_in(case)
    score, facts = score_case(case, lead, facts, words)
    found = precontact.found_at_arrival(case, lead, validity.state, facts)
    found = found or exceptional.found_on_arrival(case, validity, facts)
    routed_as = found[0].code if found else ""
    routed = route_case(case, facts, words, exception=routed_as, lead=lead)
    take_route(lead, routed)
    information.mark(case, lead, consistency.offer_today())
    found = found or exceptional.found_by_router(case, validity.state, routed, facts | {"workflow": lead.workflow})
    found = found or marketing.ineligible_at_arrival(case, lead, validity.state, facts)
    lead.queue = exceptional.handler_of(found, case) or routed.queue
    exceptional.open_found(case, lead, found, routed.network)
    target = marketing.look_at_arrival(case, lead, facts)
    _walk_stages(lead, case, target)
    heard = _write_story(case, lead, arrival, routed, event_id)
    given = owning.give_new(lead, routed, target, case.now, stopped=bool(exceptional.stopping(case, found)))
    held, lead.queue = target.held(given.owner), target.queue or given.queue_instead_of(lead.queue)
    assign(
        lead,
        team=lead.queue.team,
        member=held.member if lead.queue.id == held.queue.id else None,
        queue=lead.queue,
        trigger=exceptional.INTERIM if exceptional.stopping(case, found) else target.trigger("routing"),
        actor=actor,
        now=case.now,
        started_at=case.submission.event_at,
        event_id=event_id,
        reason=given.reason,
        ruling=given.ruling,
    )
    owning.take_part(lead, given, actor=actor, event_id=event_id, now=case.now)
    _keep_judgements(case, lead, score, given.routed, facts, routed_as, heard)
    start = clocks.begin(case, lead, given.caller or held, facts, event_id, caller=given.caller_ids)
    if case.draft.lead_class == "referral":
        referrals.look_at(case, lead, start.hours, event_id)
    consistency.look_at_arrival(case, lead, event_id)
    # The number is taken late: until the commit everybody else of the tenant waits for theirs.
    lead.number = next_number()
    clocks.acknowledge(case, lead, start)
    insert(lead)
    ledger.record(
        actor=actor,
        action="lead.open",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        detail={"submission": str(case.submission.id), "person": str(person.id)},
    )
    return lead


def route_case(case: Case, facts: Mapping[str, Any], words: str, *, lead: Lead, exception: str = "") -> Routed:
    """Route by the rules in force for the lead; an exception goes to the fallback queue, past the rules (row ST-05).

    The room that is found in a queue is the lead's until the commit.
    """
    return route(
        {**facts, "message_words": words},
        ruling=ruling_of(case, lead, facts),
        place=_place_of(case),
        now=case.now,
        exception=exception,
        holds=True,
        besides=lead.id,
    )


def ruling_of(case: Case, lead: Lead, facts: Mapping[str, Any]) -> Ruling:
    """Return by which routing rules the lead is judged; in an experiment it counts to the channel it first came by."""
    about = {**facts, "channel": lead.capture_method}
    return ruling_for("routing", lead_id=lead.id, facts=about, live=case.versions, now=case.now)


def score_case(case: Case, lead: Lead, facts: Mapping[str, Any], words: str) -> tuple[ScoreVerdict, dict[str, Any]]:
    """Score the lead; return the verdict to keep, and the facts with the score among them for the router."""
    facts = {**facts, **recorded_of(lead)}
    facts |= signs_of(facts, words, place=_place_of(case), now=case.now)
    score = judge_score({**facts, "message_words": words}, case.versions.get("scoring"))
    lead.fit, lead.intent, lead.band = score.fit.total, score.intent.total, score.fit.band
    return score, {
        **facts,
        "fit": score.fit.total,
        "intent": score.intent.total,
        "fit_band": score.fit.band or None,
        "intent_band": score.intent.band or None,
    }


def _place_of(case: Case) -> Place | None:
    return place_at(case.draft.place.latitude, case.draft.place.longitude)


def take_route(lead: Lead, routed: Routed) -> None:
    """Set what a route says of the lead itself; its office is the lead's place when the person named none.

    A priority that a colleague set by hand stands (row SC-08).
    """
    lead.workflow = routed.verdict.workflow
    by_hand = PriorityOverride.rows().filter(lead=lead, ended_at__isnull=True)
    if lead._state.adding or not by_hand.exists():
        lead.priority = routed.verdict.priority
    if lead.location is None and routed.verdict.office_key:
        lead.location = locations_by_key().get(routed.verdict.office_key)


def add_touch(case: Case, lead: Lead, verdict: str) -> None:
    """Keep this contact of the person with its attribution (row CP-21); one that is there already moves later."""
    if case.touch is not None:
        return
    touch = Touch(
        lead=lead,
        submission_id=case.submission.id,
        source=case.source,
        campaign=case.campaign,
        party=case.submission.party,
        verdict=verdict,
        at=case.submission.event_at,
        attribution=without_health(case.draft.attribution),
    )
    insert(touch)


def line_notes(case: Case) -> list[str]:
    """Return what whoever takes the call over has to know: that it came on another service's line (row RT-18)."""
    if not mismatch_of(case) or case.line is None or case.line.campaign is None:
        return []
    names = {key: row.name for key, row in services_by_key().items()}
    wanted = names.get(case.draft.service_key, case.draft.service_key)
    line = ", ".join(names.get(each, each) for each in case.line.campaign.services)
    return [f"Caller asked for {wanted}; the line {case.line.label or case.line.number} is for {line}."]


def call_line_of(case: Case) -> str:
    """Return when the call started, was connected and ended, where the inquiry is one that has ended."""
    told = call_times(case.draft.answers) if case.draft.capture_method == CaptureMethod.CALL else None
    return call_line(told, case.organization.zone) if told else ""


def answers_of(draft: Draft, keys: Sequence[str] = ()) -> str:
    """Return what was answered, a line for each question, or for the questions of these keys."""
    asked = [each for each in draft.answers if not keys or each.key in keys]
    return "\n".join(f"{each.question or each.key}: {', '.join(each.values)}" for each in asked)


def _keep_judgements(
    case: Case,
    lead: Lead,
    score: ScoreVerdict,
    routed: Routed,
    facts: Mapping[str, Any],
    routed_as: str,
    heard: Sequence[UUID],
) -> None:
    cause = "arrival" if case.touch is None else "split"
    keep_score(lead, score, version=case.versions.get("scoring"), facts=facts, now=case.now, heard=heard, cause=cause)
    keep_decision(
        lead,
        routed,
        facts=facts,
        cause=cause,
        now=case.now,
        exception=routed_as,
        heard=heard,
    )


def _write_story(case: Case, lead: Lead, arrival: LeadVerdict, routed: Routed, event_id: UUID) -> Sequence[UUID]:
    """Write what came in and became of it; return the messages that rules heard."""
    actor = system_actor(case.organization.id)
    add_touch(case, lead, str(arrival.verdict))
    heard = _keep_words(case, lead, arrival)
    _add_parties(case, lead)
    came, reason = case.submission.event_at, routed.verdict.reason
    lines = [("captured", _arrival_sentence(case), came), ("routed", reason, case.now)]
    if call := call_line_of(case):
        lines.append(("call", call, came))
    lines += [("routed", each, case.now) for each in line_notes(case)]
    for kind, sentence, at in lines:
        tell(lead, kind=kind, sentence=sentence, actor=actor, now=at, event_id=event_id)
    inferring.mark(case, lead, [each.field for each in case.draft.inferred])
    return heard


def _new_lead(case: Case, person: Person, contact: Person, validity: ValidityVerdict) -> Lead:
    draft, now = case.draft, case.now
    pipeline = _pipeline(draft.lead_class)
    return Lead(
        id=new_id(),
        number=0,
        person=person,
        contact_person=contact if contact.id != person.id else None,
        contact_relation=draft.on_behalf_of.relation if draft.on_behalf_of else "",
        pipeline=pipeline,
        lead_class=draft.lead_class,
        stage=stages_by_key(pipeline.id)[StageKey.NEW],
        status="held" if validity.state == "held" else "new",
        validity=str(validity.state),
        hold_reason=hold_reason_of(validity),
        source=case.source,
        campaign=case.campaign,
        capture_method=draft.capture_method,
        service=services_by_key().get(draft.service_key),
        location=locations_by_key().get(draft.location_key),
        patient_type=draft.patient_type,
        timeframe=draft.timeframe,
        preferred_channel=draft.preferred_channel,
        appointment_type=draft.appointment_type,
        part_of_day=draft.part_of_day,
        best_time=draft.best_time,
        payer=draft.payer,
        is_test=validity.is_test,
        captured_at=case.submission.event_at,
        created_at=now,
        stage_since=case.submission.event_at,
    )


def _pipeline(lead_class: str) -> Pipeline:
    """Return the pipeline of a class; an organisation's business goes the partnerships' way, not a patient's."""
    rows = pipelines_by_key()
    return rows.get(lead_class) or rows.get(SIMILAR_PIPELINES.get(lead_class, "")) or rows["patient"]


def hold_reason_of(validity: ValidityVerdict) -> str:
    """Return the code of the first check that holds the lead; "" where none does."""
    return next((str(each.code) for each in validity.findings if each.result == "held"), "")


def _walk_stages(lead: Lead, case: Case, target: marketing.Target) -> None:
    actor = system_actor(case.organization.id)
    steps = [(StageKey.NEW, "captured", case.submission.event_at)]
    if lead.validity == "valid" and not lead.exception:
        nurtured = case.draft.lead_class == DOWNLOAD
        stage, event = (StageKey.NURTURE, "nurture_started") if nurtured else (StageKey.ROUTED, "routing_decided")
        steps += [(StageKey.MQL, LeadEvent.SCORE_REACHED, case.now)] if target.reached else []
        steps += [(stage, event, case.now)] if target.queue is None else []
    walk_stages(lead, steps, actor=actor)


def _keep_words(case: Case, lead: Lead, arrival: LeadVerdict) -> Sequence[UUID]:
    """Keep what was written, sealed; what is split off another lead remembers what it was there."""
    draft, kept_at, before = case.draft, case.submission.processed_at, None
    if case.touch is not None and arrival.lead_id is not None and kept_at is not None:
        before = (arrival.lead_id, kept_at)
    message = details.keep(subject_id=lead.id, kind="message", text=draft.message, now=case.now, taken_from=before)
    details.keep(subject_id=lead.id, kind="insurance_member", text=draft.member_id, now=case.now)
    details.keep(subject_id=lead.id, kind="answers", text=answers_of(case.draft), now=case.now)
    details.keep(subject_id=lead.id, kind="referral", text=referrals.words_of(draft), now=case.now)
    look_at_inquiry(case, lead)
    return (message,) if message else ()


def _add_parties(case: Case, lead: Lead) -> None:
    if case.submission.party is not None:
        insert(LeadParty(lead=lead, party=case.submission.party, part=PartyPart.SOURCE))
    sketch = submitter_of(case) or patient_of(case)
    name_group(lead, [each.value for each in sketch.points])
    if case.draft.referral and (referrer := referrals.referrer_of(case)) is not None:
        insert(LeadParty(lead=lead, party=referrer, part=PartyPart.REFERRER))


def _arrival_sentence(case: Case) -> str:
    method = case.draft.capture_method.replace("_", " ")
    by = f", delivered by {case.submission.party.name}" if case.submission.party else ""
    service = f" for {case.draft.service_key}" if case.draft.service_key else ""
    mapping = f" Read by mapping v{case.mapping_number}." if case.mapping_number else ""
    event = case.spec.start_event.replace("_", " ")
    start = f" Ownership starts with the event “{event}”." if event else ""
    return f"Asked{service} by {method} through {case.source.name}{by}.{start}{mapping}"
