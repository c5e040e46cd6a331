"""Reopen a closed lead: by a person with a reason, or by a duplicate rule when the person asks again (row ST-20).

What ended is history and stays: the closure keeps its row. What holds now begins anew: stage, owner by policy,
clocks, a dated task. Permissions are asked as they stand today; a reopening never widens one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Membership, TeamMembership
from apps.audit import ledger
from apps.capture.models import Submission
from apps.capture.terms import ValidityVerdict
from apps.catalog.models import Queue
from apps.consent.queries import states_of
from apps.flows import clocks, exceptional, first_steps, owning, repeats
from apps.flows.arrival import Case, facts_of, open_case
from apps.flows.bounces import heed_bounces
from apps.flows.clashes import lock_unchanged
from apps.flows.entering import stage_entered
from apps.flows.exceptional import Found
from apps.flows.facts import facts_today, last_inquiry
from apps.flows.receipts import acknowledge_repeat
from apps.flows.told import told
from apps.identity.terms import LeadAction, LeadVerdict
from apps.leads.actions import enter_stage, lock_lead, refresh_next_action, save_lead, tell
from apps.leads.decisions import possible_moves
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, Reopening
from apps.leads.terms import DOWNLOAD, DUPLICATE, IMPORT_UNDONE, LeadEvent, StageKey
from apps.ownership.actions import assign
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.queries import live_document
from apps.policies.ruling import Ruling
from apps.qualification.actions import keep_score
from apps.routing.actions import Routed, give_turn, keep_decision
from apps.routing.terms import Network, RoutingVerdict
from apps.sla import actions as sla
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert

LAST_OWNER, BY_ROUTING = "last_owner", "routing"
CAUSE = "reopened"
_CLEARED = ("closure_reason", "outcome", "closed_at", "duplicate_of", "shares_stream_with", "outreach_started_at")
_STANDING = (
    *("status", "stage", "stage_since", "validity", "hold_reason", "exception"),
    *("priority", "workflow", "location"),
)
_SCORED = ("fit", "intent", "band")


@dataclass(frozen=True, slots=True)
class Return:
    """Why a lead comes back: the words for the story, and the duplicate rule where one decided."""

    reason: str
    actor: Actor
    rule_id: str = ""


def reopen_lead(*, actor: Actor, lead_id: UUID, reason: str, now: datetime, version: int | None = None) -> Lead:
    """Take a closed lead up again: owner by policy, stage, clocks and a dated task, in one transaction.

    Its last owner has it again where they still work in its team; else it is routed anew. Refuses people whose team
    does not own it, a missing reason, open leads, leads that an undone import brought, and pipelines whose gates know
    no way back. A lead that lacks what its first stage asks for comes back as an exception with a task to complete it.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"stage": str(StageKey.ROUTED)})
    require_change(actor, lead, ("stage", "outcome"), now=now, action="lead.reopen")
    if lead.closed_at is None:
        raise Conflict("This lead is open.", code="open")
    if not reason.strip():
        sentence = "Say why the lead is opened again."
        raise Invalid(sentence, (Problem("/reason", "reason_missing", sentence),))
    why_not = why_not_reopened(lead, now)
    if why_not:
        raise Conflict(why_not, code="cannot_reopen")
    case = heed_bounces(open_case(_last_inquiry(lead), now))
    back = Return(reason.strip(), actor)
    known = facts_today(case, lead, _said_now(case, lead))
    return _reopen(case, lead, back, known, () if lead.hold_reason else exceptional.found_again(case, known))


def take_up(case: Case, arrival: LeadVerdict, validity: ValidityVerdict, facts: Mapping[str, Any]) -> Lead:
    """Reopen the lead that a duplicate rule names, with what the person told this time.

    One that a colleague has reopened meanwhile is joined.
    """
    if arrival.lead_id is None:
        raise ValueError("a reopening names its lead")
    lead = lock_lead(arrival.lead_id)
    if lead.closed_at is None:
        return repeats.join(case, replace(arrival, action=LeadAction.MERGE), validity, facts)
    filled, newer = repeats.hear(case, lead, arrival, fixed=frozenset())
    if filled or newer.taken:
        save_lead(lead, [*filled, *newer.fields])
    lead.validity, lead.hold_reason = str(validity.state), first_steps.hold_reason_of(validity)
    back = Return(arrival.reason, system_actor(case.organization.id), arrival.rule_id)
    known = facts_today(case, lead, facts)
    _reopen(case, lead, back, known, exceptional.found_on_arrival(case, validity, known))
    acknowledge_repeat(case, lead)
    return lead


def heed(arrival: LeadVerdict, now: datetime) -> LeadVerdict:
    """Return the verdict on an arrival; a lead that cannot come back is linked to one of the arrival's own."""
    if arrival.action is not LeadAction.REOPEN or arrival.lead_id is None:
        return arrival
    lead = Lead.rows().select_related("stage", "duplicate_of").get(id=arrival.lead_id)
    why_not = why_not_reopened(lead, now) if lead.closed_at is not None else ""
    return replace(arrival, action=LeadAction.LINK, reason=why_not) if why_not else arrival


def why_not_reopened(lead: Lead, now: datetime) -> str:
    """Say why a closed lead cannot come back to work; "" where it can."""
    if lead.closure_reason == IMPORT_UNDONE:
        return "An undone import brought this lead: what asks again is a lead of its own."
    survivor = lead.duplicate_of if lead.closure_reason == DUPLICATE else None
    if survivor is not None and survivor.closed_at is None:
        return f"It is a duplicate of {survivor.ref}, which is open. Work there, or close that one first."
    moves = possible_moves(lead.stage.key, live_document("gates", now))
    if not any(move.event == LeadEvent.REOPENED for move in moves):
        return f"The gates of this pipeline know no way back from “{lead.stage.label}”."
    return ""


def _last_inquiry(lead: Lead) -> Submission:
    """Return the last inquiry that led to the lead."""
    last = last_inquiry(lead)
    if last is None:
        raise Conflict("No inquiry stands behind this lead.", code="cannot_reopen")
    return last


def _said_now(case: Case, lead: Lead) -> dict[str, Any]:
    contact = lead.contact_person or lead.person
    states = states_of([contact.id], case.now, lead_id=lead.id)[contact.id]
    return facts_of(case, states=states, validity=lead.validity, is_repeat=True)


def _reopen(case: Case, lead: Lead, back: Return, facts: dict[str, Any], found: tuple[Found, ...]) -> Lead:
    event_id, was = new_id(), lead.closure_reason
    lead.closure_reason, lead.outcome, lead.closed_at = "", "", None
    lead.duplicate_of = lead.shares_stream_with = lead.outreach_started_at = None
    messages = told(lead.id, case.now, reader="reopening of a lead")
    score, facts = first_steps.score_case(case, lead, facts, messages.text)
    routed_as = found[0].code if found else ""
    routed, policy = _route(case, lead, facts, messages.text, routed_as)
    stops = exceptional.stopping(case, found)
    routed = give_turn(routed, now=case.now) if stops and policy == BY_ROUTING else routed
    given = owning.give(lead, routed, case.now, stays=bool(stops) or policy != BY_ROUTING)
    routed = given.owner
    lead.exception, lead.status = routed_as if stops else "", "held" if lead.hold_reason else "new"
    enter_stage(lead, _stage(lead), event=LeadEvent.REOPENED, actor=back.actor, now=case.now)
    with acting_as_system():
        save_lead(lead, (*_CLEARED, *_STANDING, *_SCORED))
    lead.queue = exceptional.handler_of(found, case) or routed.queue
    exceptional.open_found(case, lead, found, routed.network)
    assign(
        lead,
        team=lead.queue.team,
        member=routed.member if lead.queue.id == routed.queue.id else None,
        queue=lead.queue,
        trigger=exceptional.INTERIM if stops else CAUSE,
        actor=back.actor,
        now=case.now,
        reason=given.reason,
        event_id=event_id,
        ruling=given.ruling,
    )
    owning.take_part(lead, given, actor=back.actor, event_id=event_id, now=case.now)
    heard, versions = messages.heard, case.versions
    keep_score(lead, score, version=versions.get("scoring"), facts=facts, now=case.now, heard=heard, cause=CAUSE)
    if policy == BY_ROUTING:
        keep_decision(
            lead,
            given.routed,
            facts=facts,
            cause=CAUSE,
            now=case.now,
            exception=routed_as,
            heard=heard,
        )
    _keep(lead, back, policy, was, event_id, case.now)
    clocks.begin(case, lead, given.caller or routed, facts, event_id, since=case.now, caller=given.caller_ids)
    stage_entered(lead, actor=back.actor, event_id=event_id, now=case.now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return lead


def _stage(lead: Lead) -> str:
    if lead.hold_reason or lead.exception:
        return StageKey.NEW
    return StageKey.NURTURE if lead.lead_class == DOWNLOAD else StageKey.ROUTED


def _route(case: Case, lead: Lead, facts: Mapping[str, Any], words: str, exception: str) -> tuple[Routed, str]:
    """Return where the lead goes and by which policy: its last owner while they work in its team, else the rules."""
    if lead.queue is not None and lead.owner is not None and _still_works(lead.owner, lead.queue):
        name = lead.owner.user.name
        reason = f"{name} had this lead and takes it up again."
        verdict = RoutingVerdict(
            queue_key=lead.queue.key,
            priority=lead.priority,
            method=lead.queue.method,
            office_key=None,
            day_queue_key=None,
            workflow=lead.workflow,
            rule_id="",
            rule_name="",
            is_fallback=False,
            reason=reason,
            path=(),
            alternatives=(),
            max_wait_seconds=lead.queue.max_wait_seconds,
        )
        return Routed(lead.queue, lead.owner, verdict, Network((), ()), {}, {}, Ruling(None)), LAST_OWNER
    routed = first_steps.route_case(case, facts, words, exception=exception, lead=lead)
    first_steps.take_route(lead, routed)
    return routed, BY_ROUTING


def _still_works(owner: Membership, queue: Queue) -> bool:
    """Whether the last owner is still one of the queue's team, both active."""
    places = TeamMembership.rows().filter(team_id=queue.team_id, membership_id=owner.id, team__is_active=True)
    return places.filter(membership__is_active=True, membership__user__is_active=True).exists()


def _keep(lead: Lead, back: Return, policy: str, was: str, event_id: UUID, now: datetime) -> None:
    """Keep that the lead came back, tell it, and note it in the ledger."""
    insert(
        Reopening(
            lead=lead,
            reason=back.reason[:300],
            rule_id=back.rule_id,
            owner_policy=policy,
            was_reason=was,
            actor_label=back.actor.label,
            reopened_at=now,
            event_id=event_id,
        )
    )
    whose = lead.owner.user.name if lead.owner else lead.owner_team.name if lead.owner_team else ""
    how = "takes it up again" if policy == LAST_OWNER else "has it now, by the routing rules"
    sentence = f"Reopened: {back.reason} It had ended as {was.replace('_', ' ')}. {whose} {how}."
    if not back.reason.endswith((".", "!", "?")):
        sentence = sentence.replace(back.reason, f"{back.reason}.", 1)
    tell(lead, kind="reopened", sentence=sentence, actor=back.actor, now=now, event_id=event_id)
    ledger.record(
        actor=back.actor,
        action="lead.reopen",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["stage", "status", "closure_reason", "outcome", "closed_at"],
        detail={"owner": policy} | ({"rule": back.rule_id} if back.rule_id else {}),
    )
