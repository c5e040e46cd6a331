"""Start a lead's clocks and its first task, and acknowledge the inquiry.

A clock starts when contact is first allowed: inside the person's quiet hours or outside the time they
asked for nobody could keep it, nor before the batch in which a routine lead is given out. Waiting for the owner's
opening hours is the clock's own matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.catalog.business_hours import Hours
from apps.catalog.queries import all_hours, queues_by_key
from apps.consent.queries import Reach, local_zone, reaches
from apps.consent.quiet_hours import next_allowed
from apps.consent.terms import Channel
from apps.exceptions.terms import NO_OUTREACH, NO_PERMITTED_CHANNEL, SERVICE_MISSING
from apps.flows import broad, exceptional
from apps.flows.arrival import Case
from apps.flows.channel_mix import first_try
from apps.flows.information import ANSWER_WITHIN, PROPOSAL
from apps.flows.lateness import tell_late
from apps.flows.listed import LISTED
from apps.flows.receipts import Way, acknowledge_first, receipt_way
from apps.flows.resting import CONTACT_CLOCKS
from apps.flows.streams import LOOK_AGAIN, stand_back, stream_of
from apps.leads.actions import open_task, refresh_next_action
from apps.leads.models import Lead, Task
from apps.leads.terms import CLARIFY_SERVICE, DOWNLOAD, NURTURE_TASK
from apps.policies.compiling import compiled
from apps.qualification.information import INFORMATION
from apps.routing.actions import Routed
from apps.routing.queries import opening_of
from apps.sla import actions as sla
from apps.sla.decisions import DEFAULT_AT_RISK_PERCENT, compile_policies, deadlines, pick_policy
from apps.sla.terms import OF_NO_PERSON, ClockKind, ClockMode, Deadline, LadderStep, Policy
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor

#: The wake-up that gives out a lead that waits for its batch.
BATCH = "routing.batch"
NO_CHANNEL_SENTENCE = "Nobody may call, text or write to them."
#: A batch and the alert about what it could not give out are due by one clock, and workers run them side by side.
AFTER_BATCH = timedelta(minutes=1)
LATE_DELIVERY = timedelta(minutes=15)
LONGEST_WAIT_SECONDS = 86_400
#: The clocks of an arrival itself: from its sending to our taking it in, and to its way.
ARRIVAL_CLOCKS = (ClockKind.INTAKE, ClockKind.ROUTING)
#: When somebody looks at a lead that only took a file.
NURTURE_AFTER = timedelta(days=14)
TITLES = {
    Channel.CALL: "Call {who}",
    Channel.TEXT: "Text {who}",
    Channel.EMAIL: "Write to {who}",
}
#: What a held or exceptional lead needs first, by the code that stopped it.
REPAIRS = {
    LISTED: ("review", "On the do-not-contact list: decide whether to close it"),
    "consent_missing": ("obtain_consent", "Obtain consent where the law allows it"),
    "no_contact_point": ("complete_contact", "Find a way to reach them"),
    "reachable_point_missing": ("complete_contact", "Find a working phone number or address"),
    "preferred_channel_missing": ("ask_channel", "Find out how they want to be contacted"),
    "ambiguous_city": ("clarify_place", "Clarify where they live"),
    "unknown_city": ("clarify_place", "Clarify where they live"),
    "conflicting_location": ("clarify_place", "Clarify where they live: city and ZIP disagree"),
    "location_missing": ("clarify_place", "Find out which office suits them"),
    SERVICE_MISSING: (CLARIFY_SERVICE, broad.TITLE),
    "service_unavailable": ("review", "No office offers it: decide how to go on"),
    "ineligible": ("review", "Not eligible: close the lead or park it"),
    "pre_contact_review": ("review", "Review before anybody gets in touch: decide by the criteria"),
    "no_rule": ("review", "No rule found a queue: decide where it goes"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """When the clocks start, on whose hours, and the first instant at which somebody is there.

    `arrived_at` is the event, or our receipt of a late delivery: nobody could act before it.
    """

    hours: Hours
    arrived_at: datetime
    at: datetime
    opens_at: datetime
    channel: str
    reaches: Mapping[Channel, Reach]
    first_step_at: datetime
    caller: tuple[UUID, UUID | None] | None = None


def begin(
    case: Case,
    lead: Lead,
    routed: Routed,
    facts: Mapping[str, Any],
    event_id: UUID,
    *,
    since: datetime | None = None,
    caller: tuple[UUID, UUID | None] | None = None,
) -> Start:
    """Start clocks, open the first task, and plan the hand-over to the day queue.

    The lead may be unsaved; its columns are set, its rows wait for it until the commit. `since` is the instant
    from which somebody could act, where that is not the arrival. `caller` is the team, and a person of it, that makes
    the first contact for the owner (row OW-12): then `routed` says where it works, and its hours count.
    """
    contact_rules = case.document("contact")
    found = reaches(lead, now=case.now, document=contact_rules, default_zone=case.organization.zone)
    start = replace(_start(case, lead, routed, found, contact_rules, since), caller=caller)
    first_due = _start_timers(case, lead, routed, facts, start, found)
    task = _first_task(case, lead, start, first_due or start.opens_at + timedelta(days=1), event_id)
    if broad.is_broad(case, lead) and task.kind != CLARIFY_SERVICE:
        broad.plan_screening(lead, due_at=task.due_at, now=case.now, event_id=event_id)
    if lead._state.adding:
        lead.next_action_at, lead.due_at = task.due_at, first_due or task.due_at
    else:
        refresh_next_action(lead)
        sla.refresh_due(lead)
    if routed.verdict.day_queue_key:
        day = queues_by_key()[routed.verdict.day_queue_key]
        outbox.enqueue("routing.day", lead.id, due_at=opening_of(day, case.now))
    if (batch_at := _batch_at(lead, routed)) is not None:
        outbox.enqueue(BATCH, lead.id, due_at=batch_at)
    return replace(start, first_step_at=task.due_at)


def _start(
    case: Case,
    lead: Lead,
    routed: Routed,
    found: Mapping[Channel, Reach],
    contact_rules: dict[str, Any],
    since: datetime | None,
) -> Start:
    hours = all_hours()
    day = queues_by_key()[routed.verdict.day_queue_key or routed.queue.key]
    event, received = case.submission.event_at, case.submission.received_at
    at = arrived_at = since or (event if received - event <= LATE_DELIVERY else received)
    channel = first_try(lead, found, contact_rules, case.now)
    if channel in (Channel.CALL, Channel.TEXT):
        person = lead.contact_person or lead.person
        reach = found[Channel(channel)]
        local = at.astimezone(local_zone(reach.place, person.zone or case.organization.zone))
        at = max(at, next_allowed(local, contact_rules, lead.best_time, reach.place) or at)
    at = max(at, _batch_at(lead, routed) or at)
    return Start(hours[day.calendar_id], arrived_at, at, opening_of(day, max(at, case.now), hours), channel, found, at)


def _batch_at(lead: Lead, routed: Routed) -> datetime | None:
    """Return when the queue that has the lead gives it out; None where it does so at once, or another queue has it."""
    batch_at = routed.verdict.batch_at
    return datetime.fromisoformat(batch_at) if batch_at and lead.queue == routed.queue else None


def reaches_out(lead: Lead) -> bool:
    """Say whether anybody shall reach out to the person: not while the service is not for them, or is reviewed, nor to
    who is on the do-not-contact list.
    """
    return lead.exception not in NO_OUTREACH and lead.hold_reason != LISTED


def _start_timers(
    case: Case,
    lead: Lead,
    routed: Routed,
    facts: Mapping[str, Any],
    start: Start,
    found: Mapping[Channel, Reach],
) -> datetime | None:
    """Start the policy's clocks; return the earliest that a person has to meet, if there is one."""
    seen = dict(facts) | {"priority": lead.priority, "location": _location(lead), "workflow": lead.workflow or None}
    pick = pick_policy(seen, compiled(case.versions.get("sla"), compile_policies), usual=case.spec.sla_policy)
    due: list[Deadline] = []
    if lead.lead_class == DOWNLOAD:
        return None
    if pick.policy is not None:
        due = list(deadlines(pick.policy, start.hours, captured_at=start.arrived_at, owned_at=start.at))
        due = [each for each in due if reaches_out(lead) or each.kind not in CONTACT_CLOCKS]
        due = _receipt_clock(due, pick.policy, start, receipt_way(case, found, lead))
        due = _arrival_clocks(case, lead, due, pick.policy, start)
    if routed.member is None and lead.workflow != INFORMATION and reaches_out(lead):
        is_batch = _batch_at(lead, routed) is not None
        due.append(queue_clock(routed.verdict.max_wait_seconds, start.opens_at, is_batch=is_batch))
    name = pick.policy.name if pick.policy else "queue"
    key, version = pick.policy.id if pick.policy else sla.NO_POLICY, case.versions.get("sla")
    picked = {"facts": seen, "usual": case.spec.sla_policy, "reason": pick.reason}
    met = {str(ClockKind.INTAKE): case.now}
    if not (lead.hold_reason or lead.exception):
        met[str(ClockKind.ROUTING)] = case.now
    timers = sla.start_timers(lead, due, policy_id=key, policy_name=name, version=version, picked=picked, met=met)
    tell_late(lead, timers, case.now)
    return min((each.due_at for each in due if each.kind not in OF_NO_PERSON), default=None)


def _arrival_clocks(case: Case, lead: Lead, due: list[Deadline], policy: Policy, start: Start) -> list[Deadline]:
    """Let intake count from when the inquiry was sent; of a lead that is there already, neither it nor routing begin.

    Both end as they begin, unless the lead is held or an exception: then it is not routed yet.
    """
    others = [each for each in due if each.kind not in ARRIVAL_CLOCKS]
    if not lead._state.adding or case.touch is not None:
        return others
    sent = deadlines(policy, start.hours, captured_at=case.submission.event_at, owned_at=None)
    routing = [each for each in due if each.kind == ClockKind.ROUTING]
    return [*others, *routing, *(each for each in sent if each.kind == ClockKind.INTAKE)]


def hasten(case: Case, lead: Lead, facts: Mapping[str, Any]) -> None:
    """Let a first contact that nobody made yet be due by the lead's priority of now, where that is sooner."""
    running = sla.running_timers(lead).filter(kind=ClockKind.FIRST_CONTACT).order_by("due_at").first()
    seen = dict(facts) | {"priority": lead.priority, "location": _location(lead)}
    pick = pick_policy(seen, compiled(case.versions.get("sla"), compile_policies), usual=case.spec.sla_policy)
    if running is None or pick.policy is None or lead.queue is None:
        return
    calendar = all_hours()[lead.queue.calendar_id]
    due = deadlines(pick.policy, calendar, captured_at=case.now, owned_at=case.now)
    sooner = [each for each in due if each.kind == ClockKind.FIRST_CONTACT and each.due_at < running.due_at]
    if not sooner:
        return
    sla.cancel_all(lead, now=case.now, because="priority set by hand", kinds=[ClockKind.FIRST_CONTACT])
    version, name = case.versions.get("sla"), pick.policy.name
    picked = {"facts": seen, "usual": case.spec.sla_policy, "reason": pick.reason}
    sla.start_timers(lead, sooner, policy_id=pick.policy.id, policy_name=name, version=version, picked=picked)
    sla.refresh_due(lead)


def _receipt_clock(due: list[Deadline], policy: Policy, start: Start, way: Way | None) -> list[Deadline]:
    """Leave the receipt's clock out where none may go; let it start when a text may go that has to wait."""
    if way is not None and not way.waits:
        return due
    others = [each for each in due if each.kind != ClockKind.ACKNOWLEDGEMENT]
    later = deadlines(policy, start.hours, captured_at=way.at, owned_at=way.at) if way else ()
    return [*others, *(each for each in later if each.kind == ClockKind.ACKNOWLEDGEMENT)]


def queue_clock(max_wait_seconds: int, begins: datetime, *, is_batch: bool = False) -> Deadline:
    """Nobody has the lead yet: it must be taken within the queue's longest wait (rows HC-09, EX-06).

    The team's lead hears of it at once; where the wait begins with a batch, only of what the batch has left.
    """
    wait = max_wait_seconds or LONGEST_WAIT_SECONDS
    due_at = begins + timedelta(seconds=wait)
    alert_at = begins + AFTER_BATCH if is_batch else begins
    ladder = (LadderStep(alert_at, "alert", "team_lead", 1), LadderStep(due_at, "alert", "team_lead", 2))
    at_risk_at = begins + timedelta(seconds=wait * DEFAULT_AT_RISK_PERCENT // 100)
    return Deadline(ClockKind.ACCEPTANCE, ClockMode.ALWAYS, begins, at_risk_at, due_at, wait, ladder)


def _first_task(case: Case, lead: Lead, start: Start, deadline: datetime, event_id: UUID) -> Task:
    reason = lead.hold_reason or lead.exception
    if reason:
        kind, title = _repair(case, reason)
        repair = open_task(lead, kind=kind, title=title, due_at=deadline, now=case.now, event_id=event_id)
        waits = lead.hold_reason or reason in NO_OUTREACH or lead.lead_class == DOWNLOAD or not start.channel
        return repair if waits else _contact_task(case, lead, start, deadline, event_id)
    if lead.lead_class == DOWNLOAD:
        due_at = start.opens_at + NURTURE_AFTER
        title = "Nurture: see whether they want more than the download"
        return open_task(lead, kind=NURTURE_TASK, title=title, due_at=due_at, now=case.now, event_id=event_id)
    if not start.channel:
        exceptional.flag(lead, NO_PERMITTED_CHANNEL, detail=NO_CHANNEL_SENTENCE, now=case.now)
        return open_task(
            lead,
            kind="review",
            title="No channel is permitted: decide how to go on",
            due_at=deadline,
            now=case.now,
            event_id=event_id,
        )
    return _contact_task(case, lead, start, deadline, event_id)


def _contact_task(case: Case, lead: Lead, start: Start, deadline: datetime, event_id: UUID) -> Task:
    """Open the first contact, also beside the repair of a lead that is in exception (row EX-07).

    Who only asks for information is answered and offered nurture instead (row SC-09).
    """
    if lead.workflow == INFORMATION:
        due_at = max(deadline, start.opens_at + ANSWER_WITHIN)
        return open_task(lead, kind=NURTURE_TASK, title=PROPOSAL, due_at=due_at, now=case.now, event_id=event_id)
    title = TITLES[Channel(start.channel)].format(who=lead.contact_person or lead.person)
    other = stream_of(lead)
    if other is None:
        return open_task(
            lead,
            kind=start.channel,
            title=title,
            channel=start.channel,
            due_at=deadline,
            now=case.now,
            event_id=event_id,
            caller=start.caller,
        )
    return stand_back(
        lead,
        other,
        channel=start.channel,
        title=title,
        due_at=deadline,
        look_at=deadline + LOOK_AGAIN,
        now=case.now,
        event_id=event_id,
        actor=system_actor(case.organization.id),
    )


def _repair(case: Case, reason: str) -> tuple[str, str]:
    """Return kind and title of what a held or exceptional lead needs first."""
    if reason == "unmapped_value" and case.draft.unmapped:
        value = case.draft.unmapped[0]
        said = f"“{value.typed}” means for {value.field.replace('_', ' ')}"
        if value.private_label:
            said = f"an answer to “{value.private_label}” means"
        return "map_value", f"Find out what {said}"
    return REPAIRS.get(reason, ("review", f"Look at this lead: {reason.replace('_', ' ')}"))


def acknowledge(case: Case, lead: Lead, start: Start) -> None:
    """Tell the person that we have it and when we will be in touch, where that is permitted."""
    if case.draft.capture_method == "call":
        lead.acknowledged_at = case.submission.event_at
        if not lead._state.adding:
            Lead.rows().filter(id=lead.id).update(acknowledged_at=lead.acknowledged_at)
        return
    acknowledge_first(case, lead, start.reaches, opens_at=start.opens_at, first_step_at=start.first_step_at)


def _location(lead: Lead) -> str | None:
    return lead.location.key if lead.location else None
