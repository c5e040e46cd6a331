"""Log a contact: what was done, how it ended, what comes next; and what that does to the lead."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.consent.queries import reaches
from apps.consent.terms import Channel
from apps.flows.ageing import recheck_lead
from apps.flows.attempts import note_attempt
from apps.flows.cadences import end_all
from apps.flows.channel_mix import note_reached
from apps.flows.clashes import lock_unchanged
from apps.flows.contacts import Contact as Contact
from apps.flows.contacts import log_beside
from apps.flows.following_up import (
    DECIDE_TITLE,
    Planned,
    Planner,
    drop_texts,
    intend_text,
    is_as_planned,
    with_follow_up,
)
from apps.flows.gating import stage_after
from apps.flows.meetings import ended
from apps.flows.opt_out import opt_out
from apps.flows.owning import keep_with_caller
from apps.flows.precontact import refuse_contact
from apps.flows.reachability import dialled_point, end_number
from apps.flows.scripted import script_used
from apps.flows.spoken_consent import asked_aloud, keep_answer
from apps.flows.stages import follow_stage
from apps.flows.standing import restate
from apps.flows.streams import plan_contact, settle
from apps.leads.actions import (
    close_tasks,
    count_attempt,
    enter_stage,
    lock_people_of_leads,
    open_task,
    refresh_next_action,
    save_lead,
    tell,
)
from apps.leads.decisions import may_complete
from apps.leads.guards import acting_as_system, acting_for
from apps.leads.models import Lead
from apps.leads.terms import LeadEvent, StageKey
from apps.outreach.actions import log_activity
from apps.outreach.cadence_terms import RunEnd
from apps.outreach.follow_up import DECISION
from apps.outreach.live_attempts import begin_attempt, end_attempts
from apps.outreach.models import Activity
from apps.outreach.queries import attempts_today
from apps.outreach.telephone import begin_dialling
from apps.outreach.terms import AFTER_MESSAGE, NO_END_OF, NUMBER_ENDED, REACHED, ActivityKind, Outcome
from apps.ownership.queries import holds_grant, lead_for, lead_to_change, log_verdict, refuse
from apps.ownership.terms import Logs
from apps.policies.queries import live_document
from apps.sla import actions as sla
from apps.sla.terms import ClockKind
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

CONTACT_KINDS = ("call", "text", "email")
#: What a contact ends that is logged: the contact that was planned, and the follow-up of a message.
ENDED = (*CONTACT_KINDS, AFTER_MESSAGE)
#: Of which kind a contact is that ended so, where it is no call.
KIND_OF = {
    Outcome.SENT: ActivityKind.EMAIL,
    Outcome.DELIVERED: ActivityKind.EMAIL,
    Outcome.HELD: ActivityKind.MEETING,
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What logging a contact does to a lead. Saving applies it, and a form tells it before.

    `to_stage` is empty where the lead stays, and `kept` says what it lacks where a gate keeps it; `clock_goes_on` is
    None where no clock of first contact runs. `planned` is what the tenant's rules let follow (row TK-05),
    `read` the script that was used.
    """

    attempt: int
    talked: bool
    event: LeadEvent
    to_stage: str
    kept: str
    clock_goes_on: bool | None
    stops: tuple[Channel, ...]
    planned: Planned = Planned()
    read: str = ""


def log_call(*, actor: Actor, lead_id: UUID, contact: Contact, now: datetime, version: int | None = None) -> Activity:
    """Store a contact with its effect: attempt counted, clocks met, stage moved, next step dated.

    Whose team makes the first contact does the same as the owner; who logs beside the owner of a shared lead adds to
    the story and moves nothing (rows OW-10, OW-12). Refuses people of another team, closed leads, contacts without an
    outcome or without the date of the next step (row TK-04), and a second entry under the same key. The tenant's rules
    date the next step where nobody typed a date, and let a text follow (row TK-05). The first attempt
    fixes the assignment (row TA-07). "Wrong number" makes the number invalid and tries the next channel (row VQ-16).
    "Do not contact" is an opt-out in the same transaction (row CN-04); its next step is whatever the opt-out leaves.
    The approved script that a call was made with is kept with its version (row TN-03).
    A connected call carries the answer to the script where calls are not permitted on record (row CN-12).
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"last_outcome": str(contact.outcome)})
    verdict, logs = log_verdict(actor, lead, now)
    refuse(verdict, lead, action="lead.log_contact", field="status")
    if logs is Logs.SHARED:
        script = asked_aloud(lead, contact, now)
        row = log_beside(lead, contact, by=actor.label, actor=actor, now=now)
        if script is not None:
            keep_answer(lead, script, contact, actor=actor, now=now)
        return row
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you log a contact.", code="closed")
    planner = Planner(lead, now)
    planned = planner.after(str(contact.kind), str(contact.outcome))
    contact = with_follow_up(contact, planned)
    _refuse_gaps(contact, now)
    script = asked_aloud(lead, contact, now)
    event_id = new_id()
    row = _keep(lead, contact, actor=actor, event_id=event_id, now=now)
    effect, rested = effect_of(lead, contact.outcome, now, contact.stops), lead.stage.key == StageKey.NURTURE
    read = f"Script {row.script}, version {row.script_version}." if row.script else ""
    effect = replace(effect, planned=planned, read=read)
    dialled = dialled_point(lead, now) if contact.outcome in NUMBER_ENDED else None
    count_attempt(lead, outcome=contact.outcome, now=row.started_at)
    if effect.talked:
        end_all([lead], RunEnd.REACHED, now=now)
    _apply(lead, contact, effect, actor, event_id, now, logs)
    if effect.stops:
        reason = "asked on the phone not to be contacted"
        opt_out(actor=actor, lead_id=lead.id, channels=effect.stops, reason=reason, now=now)
    if dialled is not None:
        end_number(dialled, reason=NUMBER_ENDED[contact.outcome], actor=actor, now=now)
    if effect.talked:
        note_reached(lead, str(contact.kind), now)
    drop_texts(lead, because="They were tried again meanwhile.", now=now)
    intend_text(lead, planner, planned, event_id=event_id, now=now)
    settle(lead, actor=actor, event_id=event_id, now=now)
    restate(lead, now=now)
    if rested:
        recheck_lead(lead, actor=actor, now=now)
    if script is not None:
        keep_answer(lead, script, contact, actor=actor, now=now)
    return row


def _keep(lead: Lead, contact: Contact, *, actor: Actor, event_id: UUID, now: datetime) -> Activity:
    """Store what was done, with the approved script that it was done by; the actor's lease on the person ends."""
    end_attempts(lead, actor=actor, now=now)
    return log_activity(
        lead,
        kind=contact.kind,
        outcome=contact.outcome,
        direction=contact.direction,
        started_at=min(contact.started_at, now),
        duration_seconds=contact.duration_seconds,
        note=contact.note,
        actor=actor,
        event_id=event_id,
        now=now,
        dedup_key=contact.dedup_key or None,
        script=script_used(lead, contact.script, now) if contact.kind is ActivityKind.CALL else None,
    )


def begin_call(*, actor: Actor, lead_id: UUID, now: datetime, channel: Channel = Channel.CALL) -> str:
    """Ask at the moment of dialling whether this contact is allowed; return the number or address.

    Refuses people who may not contact the lead, a lead that waits for its review (row QL-16), and every contact that
    consent, quiet hours or the day's attempts forbid (rows CN-05, CN-06). Who stops contact meanwhile comes wholly
    before or after. While a colleague is in contact with the person nobody else begins (row TK-09): it takes a short
    lease, which logging the contact ends. Contact data of a lead in nurture is checked again first (row VQ-12); where
    that finds the number dead and no other is left, nothing is returned, so that the finding is kept.
    """
    lead = lead_for(actor, lead_id)
    lock_people_of_leads([lead.id])
    if not actor.may(Permission.LEAD_CONTACT) or not holds_grant(actor, lead_id, "contact_lead"):
        owner = lead.owner_team.name if lead.owner_team else "another team"
        raise Refused(
            f"Only {owner}, who own this lead, may contact this person.",
            code="no_contact_grant",
            action="lead.contact",
            object_type="lead",
            object_id=lead.id,
        )
    refuse_contact(lead)
    is_stale = lead.stage.key == StageKey.NURTURE and recheck_lead(lead, actor=actor, now=now).invalid > 0
    organization = current_organization()
    reach = reaches(
        lead,
        now=now,
        document=live_document("contact", now),
        default_zone=organization.zone,
        attempts_today=attempts_today(lead, now),
    )[channel]
    if is_stale and (reach.point is None or reach.point.validity == "invalid"):
        return ""
    if not reach.verdict.allowed or reach.point is None:
        raise Refused(
            reach.verdict.sentence,
            code=reach.verdict.code,
            action=f"lead.{channel}",
            object_type="lead",
            object_id=lead.id,
        )
    attempt = begin_attempt(lead, channel=str(channel), actor=actor, now=now)
    if channel is Channel.CALL:
        begin_dialling(attempt)
    ledger.record(
        actor=actor, action=f"lead.{channel}", object_type="lead", object_id=lead.id, fields=[reach.point.kind]
    )
    return str(reach.point.value)


def effect_of(lead: Lead, outcome: Outcome, now: datetime, stops: tuple[Channel, ...] = ()) -> Effect:
    """Say what logging this outcome does. A read; `log_call` applies the same."""
    return effects_of(lead, [outcome], now, stops)[outcome]


def effects_of(
    lead: Lead, outcomes: Iterable[Outcome], now: datetime, stops: tuple[Channel, ...] = ()
) -> dict[Outcome, Effect]:
    """Say what each of several outcomes would do, in one read of the lead's clocks."""
    runs = sla.running_timers(lead).filter(kind=ClockKind.FIRST_CONTACT).exists()
    planner = Planner(lead, now)
    found = {}
    for outcome in outcomes:
        talked = outcome in REACHED
        event = LeadEvent.CALL_CONNECTED if talked else LeadEvent.ATTEMPT_LOGGED
        stopped = (stops or tuple(Channel)) if outcome is Outcome.DO_NOT_CONTACT else ()
        target, kept = ("", "") if outcome in NUMBER_ENDED else stage_after(lead, event, now)
        clock = not talked if runs else None
        planned = planner.after(str(KIND_OF.get(outcome, ActivityKind.CALL)), str(outcome))
        found[outcome] = Effect(lead.attempts + 1, talked, event, target, kept, clock, stopped, planned)
    return found


def _refuse_gaps(contact: Contact, now: datetime) -> None:
    if contact.started_at > now:
        raise Invalid(
            "A contact cannot lie in the future.",
            (Problem("/started_at", "in_the_future", "A contact cannot lie in the future."),),
        )
    if contact.outcome in NO_END_OF[contact.kind]:
        sentence = f"A contact by {contact.kind} does not end as “{str(contact.outcome).replace('_', ' ')}”."
        raise Invalid(sentence, (Problem("/outcome", "not_of_this_kind", sentence),))
    entries = {
        "outcome": str(contact.outcome),
        "notes": contact.note,
        "delivery_status": str(contact.outcome),
        "next_action_at": contact.next_at,
    }
    verdict = may_complete(kind=contact.kind, entries=entries, lead_stays_open=not contact.stopped)
    if not verdict.allowed:
        raise Invalid(
            verdict.problems[0].sentence,
            tuple(Problem(each.path, each.code, each.sentence) for each in verdict.problems),
            code="incomplete",
        )
    if contact.next_at is not None and contact.next_at <= now and not contact.stopped:
        raise Invalid(
            "The next step needs a date in the future.",
            (Problem("/next_at", "in_the_past", "The next step needs a date in the future."),),
        )


def _apply(
    lead: Lead, contact: Contact, effect: Effect, actor: Actor, event_id: UUID, now: datetime, logs: Logs
) -> None:
    talked, event, target = effect.talked, effect.event, effect.to_stage
    fields = ["outreach_started_at", "attempts", "last_outcome", "last_activity_at", "status"]
    lead.status = "in_contact" if talked else "attempting"
    if target:
        enter_stage(lead, target, event=event, actor=actor, now=now)
        fields += ["stage", "stage_since"]
    with acting_for(actor.team_ids) if logs is Logs.OWNER else acting_as_system():
        save_lead(lead, fields)
    close_tasks(lead, because=f"{contact.kind} logged: {contact.outcome}", now=now, kinds=ENDED)
    if contact.next_at is not None and not effect.stops:
        _plan_next(lead, contact, effect.planned, contact.next_at, actor, event_id, now)
        if logs is Logs.OUTREACH:
            keep_with_caller(lead, actor)
    if target:
        follow_stage(lead, actor=actor, event_id=event_id, now=now)
    refresh_next_action(lead)
    sla.accept(lead, at=now, by="contact logged")
    if talked:
        sla.meet(lead, event, at=max(contact.started_at, lead.captured_at), by=f"{contact.kind} {contact.outcome}")
    else:
        note_attempt(lead, at=max(contact.started_at, lead.captured_at), by=f"{contact.kind} {contact.outcome}")
        sla.refresh_due(lead)
    tell(
        lead,
        kind="contact",
        sentence=" ".join(filter(None, (_sentence(contact), effect.read, effect.kept))),
        actor=actor,
        now=min(contact.started_at, now),
        event_id=event_id,
        note=contact.note,
    )
    ledger.record(
        actor=actor,
        action="lead.log_contact",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=fields,
        detail={"kind": str(contact.kind), "outcome": str(contact.outcome)}
        | ({"follow_up": effect.planned.rule} if effect.planned.rule else {}),
    )


def _plan_next(
    lead: Lead, contact: Contact, planned: Planned, due_at: datetime, actor: Actor, event_id: UUID, now: datetime
) -> None:
    """Open the dated next step: a contact, or a decision of the owner's where the rules ask for one."""
    channel = contact.next_channel or (str(contact.kind) if contact.kind in CONTACT_KINDS else "call")
    if channel == DECISION:
        open_task(lead, kind="review", title=planned.title or DECIDE_TITLE, due_at=due_at, now=now, event_id=event_id)
        return
    usual = f"Call {lead.contact_person or lead.person} again" if channel == "call" else "Follow up"
    title = planned.title if is_as_planned(contact, planned) else ""
    plan_contact(lead, channel=channel, title=title or usual, due_at=due_at, now=now, event_id=event_id, actor=actor)


def _sentence(contact: Contact) -> str:
    minutes, seconds = divmod(contact.duration_seconds, 60)
    length = f", {minutes}:{seconds:02d} min" if contact.duration_seconds else ""
    return f"{str(contact.kind).capitalize()}: {ended(contact.kind, contact.outcome)}{length}."
