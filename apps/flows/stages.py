"""Move a lead along its pipeline, by people or by events; the owner follows the stage."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.accounts.models import Team, TeamMembership
from apps.appointments.models import Appointment
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.consent.queries import states_of
from apps.exceptions.queries import has_open
from apps.exceptions.terms import ItemType
from apps.flows.ageing import recheck_lead
from apps.flows.clashes import lock_unchanged
from apps.flows.criteria import look_at
from apps.flows.disqualifying import disqualify
from apps.flows.handing_over import close_contact_tasks, hand_over
from apps.flows.streams import CONTACT_KINDS, plan_contact, settle
from apps.flows.verdicts import VERDICT_OF, entry_of, judge_given, keep_given, unmet_of
from apps.flows.verifying import PATIENT
from apps.leads.actions import enter_stage, lock_lead, open_task, refresh_next_action, save_lead, tell
from apps.leads.completeness import Completeness, completeness
from apps.leads.decisions import may_move, next_actions
from apps.leads.guards import acting_for
from apps.leads.models import ContactPoint, Lead
from apps.leads.queries import gates_in_force, stages_by_key
from apps.leads.terms import FIELD_WORDS, LeadEvent, MoveCode, MoveVerdict, NextAction, NextStep, StageKey
from apps.outreach.actions import intend_message
from apps.outreach.queries import has_talked
from apps.ownership.decisions import next_owner
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.queries import live_document
from apps.qualification.queries import verification_of
from apps.qualification.verdicts import Entry
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

#: Events that a person states by the move itself, with a reason; all others must be on record already.
STATED = {
    "not_qualified": LeadEvent.DISQUALIFIED,
    "nurture": LeadEvent.NURTURE_STARTED,
    "in_treatment": LeadEvent.CARE_STARTED,
}


def move_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    to_stage: str,
    reason: str,
    now: datetime,
    version: int | None = None,
    said: Entry | None = None,
) -> Lead:
    """Move a lead to a stage. Stage, owner, grants, tasks and clocks change together or not at all.

    Refuses people whose team does not own the lead, moves that the pipeline does not know, moves
    without the event behind them on record, and leads that lack what the stage asks for; the error
    names each missing field. Contact data that is due is checked again before a lead leaves nurture; where that
    leaves no way to reach the person, the lead stays in its stage and is an exception (row VQ-07). A stage that is a
    verdict (qualified, not qualified, nurture) rests on one: `said`, or the reason alone, judged as `judge_given` says;
    what is not qualified ends.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"stage": to_stage})
    require_change(actor, lead, ("stage",), now=now, action="lead.move")
    wakes = lead.stage.key == StageKey.NURTURE and to_stage not in (StageKey.NOT_QUALIFIED, StageKey.CLOSED)
    if wakes and recheck_lead(lead, actor=actor, now=now).invalid:
        lead = lock_lead(lead_id)
        if has_open(lead, ItemType.WRONG_NUMBER):
            return lead
    verdict = judge_move(lead, to_stage, now, is_stated=True)
    looked = look_at(lead, now) if to_stage in VERDICT_OF else None
    _refuse(verdict, to_stage, unmet_of(looked, verdict.missing) if looked is not None else ())
    entry = said or entry_of(to_stage, reason, now)
    given = judge_given(actor, lead, entry, now, looked) if entry is not None else None
    if to_stage in STATED and not reason.strip():
        raise Invalid("Say what this rests on.", (Problem("/reason", "reason_missing", "Say what this rests on."),))
    event_id = new_id()
    before = lead.stage.label
    if given is not None and to_stage == StageKey.NOT_QUALIFIED:
        return disqualify(lead, given, actor=actor, event_id=event_id, now=now)
    stage = enter_stage(lead, to_stage, event=verdict.event, actor=actor, now=now)
    fields = ["stage", "stage_since"]
    if to_stage == StageKey.QUALIFIED:
        lead.outcome = to_stage
        fields.append("outcome")
    with acting_for(actor.team_ids):
        save_lead(lead, fields)
    _tell_moved(lead, f"{before} → {stage.label}. {reason}".strip(), fields, verdict, actor, event_id, now)
    if given is not None:
        keep_given(lead, given, actor=actor, event_id=event_id, now=now)
    follow_stage(lead, actor=actor, event_id=event_id, now=now)
    return lead


def _tell_moved(
    lead: Lead, sentence: str, fields: list[str], verdict: MoveVerdict, actor: Actor, event_id: UUID, now: datetime
) -> None:
    tell(lead, kind="stage", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.move",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=fields,
        detail={"to": lead.stage.key, "event": verdict.event},
    )


def judge_move(lead: Lead, to_stage: str, now: datetime, *, is_stated: bool = False) -> MoveVerdict:
    """Say whether a lead may move to a stage now, from what is on record."""
    events = events_of(lead, now) | ({str(STATED[to_stage])} if is_stated and to_stage in STATED else set())
    return may_move(
        from_stage=lead.stage.key,
        to_stage=to_stage,
        events=events,
        facts=known_of(lead, now),
        document=gates_in_force(now),
        labels={key: stage.label for key, stage in stages_by_key(lead.pipeline_id).items()},
    )


def follow_stage(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Run what the stage brings: its owner by the matrix (row OW-07), its configured next actions (ST-09)."""
    handover = next_owner(lead.stage.key, live_document("ownership", now))
    if handover is not None and (lead.owner_team is None or lead.owner_team.key != handover.team_key):
        team = Team.rows().filter(key=handover.team_key).first()
        if team is None:
            raise Conflict(f"The ownership matrix names “{handover.team_key}”, which does not exist.")
        queue = Queue.rows().filter(team=team, is_active=True).order_by("key").first()
        close_contact_tasks(lead, because="handed over", now=now)
        hand_over(
            lead,
            team=team,
            member=None,
            queue=queue,
            trigger=f"stage:{lead.stage.key}",
            actor=actor,
            now=now,
            reason=f"{lead.stage.label} belongs to {team.name}",
            event_id=event_id,
            keeps_view=handover.keeps_view,
        )
        tell(
            lead,
            kind="assigned",
            sentence=f"{team.name} take over at {lead.stage.label}.",
            actor=actor,
            now=now,
            event_id=event_id,
        )
    for action in next_actions(lead.stage.next_actions):
        _run_next_action(lead, action, actor, event_id, now)
    settle(lead, actor=actor, event_id=event_id, now=now)
    refresh_next_action(lead)


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
    states = states_of([person.id], now)[person.id]
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


def _refuse(verdict: MoveVerdict, to_stage: str, unmet: Sequence[Problem]) -> None:
    """Raise for a move that may not be; of what keeps a lead from being qualified, all is named at once (row QL-07)."""
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


def _run_next_action(lead: Lead, action: NextAction, actor: Actor, event_id: UUID, now: datetime) -> None:
    if action.do is NextStep.MESSAGE:
        _intend(lead, action, event_id, now)
        return
    is_alert, due_at = action.do is NextStep.ALERT, now + timedelta(seconds=action.after_seconds)
    if not is_alert and action.kind in CONTACT_KINDS:
        channel = action.kind
        plan_contact(lead, channel=channel, title=action.title, due_at=due_at, now=now, event_id=event_id, actor=actor)
        return
    task = open_task(
        lead,
        kind="escalation" if is_alert else action.kind,
        title=action.title,
        now=now,
        due_at=due_at,
        channel=action.channel,
        event_id=event_id,
    )
    if is_alert:
        place = TeamMembership.rows().filter(team=lead.owner_team, is_lead=True, membership__is_active=True).first()
        task.assignee = place.membership if place else task.assignee
        task.save(update_fields=["assignee"])


def _intend(lead: Lead, action: NextAction, event_id: UUID, now: datetime) -> None:
    """Intend a message by e-mail; the sender asks consent when it goes."""
    person = lead.contact_person or lead.person
    point = ContactPoint.rows().filter(person=person, kind="email").order_by("-is_primary", "id").first()
    if point is None:
        return
    words = {"first_name": person.first_name, "organization": current_organization().name, "reference": lead.ref}
    intend_message(
        lead,
        purpose="stage",
        template_key=action.template,
        contact_point=point,
        words=words,
        language=person.language or "en",
        dedup_key=f"{event_id}:{action.template}"[:80],
        now=now,
        due_at=now + timedelta(seconds=action.after_seconds),
    )
