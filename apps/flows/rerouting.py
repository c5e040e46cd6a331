"""Route a lead anew that is routed already: after a sender's correction (row DU-04), or where a trigger fires (RT-03).

Where somebody has begun to work on it, or a person decided whose it is, the lead stays with its owner, who reads what
changed; only a trigger that says so moves such a lead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.flows import batches, clocks, owning
from apps.flows.arrival import Case
from apps.flows.facts import facts_today
from apps.flows.first_steps import route_case, score_case, take_route
from apps.flows.freshness import read_by_routing
from apps.flows.handing_over import CONTACT_TASKS
from apps.flows.leasing import is_leased
from apps.flows.streams import leave, rests, settle
from apps.flows.told import Told, told
from apps.leads.actions import close_tasks, move_tasks, save_lead, tell
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.ownership.actions import assign
from apps.ownership.models import Spell
from apps.policies.ruling import running
from apps.qualification.actions import keep_score
from apps.routing.actions import Routed, keep_decision
from apps.routing.decisions.triggers import Fired
from apps.sla import actions as sla
from apps.sla.terms import ClockKind
from apps.tenancy.actor import system_actor

TRIGGER, BY_TRIGGER = "correction", "trigger"
#: Spells that rules began. Whoever was claimed, assigned or transferred to has a lead because a person said so.
_BY_RULES = frozenset({"routing", "release", "opening", "batch", "escalation", TRIGGER, BY_TRIGGER})
_COLUMNS = ("priority", "workflow", "location", "fit", "intent", "band")
CORRECTED = "Routed anew after the correction:"
_OTHER_CLOCKS = tuple(each for each in ClockKind if each != ClockKind.ACKNOWLEDGEMENT)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a lead is routed anew: the word kept with owner and decision, how its story begins, what the rules heard."""

    trigger: str
    words: str
    messages: Told


def route_anew(case: Case, lead: Lead, changed: Iterable[str], facts: Mapping[str, Any], event_id: UUID) -> bool:
    """Score and route a locked lead anew after a correction of what the rules look at; say whether it changed hands.

    Nothing happens where no rule looks at what changed, on closed, held and exceptional leads, once outreach has
    begun, while a colleague holds the lead, and where a person gave it to its owner.
    """
    if not _looked_at(case) & set(changed) or not _is_free(case, lead):
        return False
    messages = told(lead.id, case.now, reader="routing of a corrected lead")
    score, known = score_case(case, lead, facts_today(case, lead, facts), messages.text)
    heard, version = messages.heard, case.versions.get("scoring")
    keep_score(lead, score, version=version, facts=known, now=case.now, heard=heard, cause=TRIGGER)
    return _take(
        case,
        lead,
        route_case(case, known, messages.text, lead=lead),
        Cause(TRIGGER, CORRECTED, messages),
        known,
        event_id,
    )


def route_by_triggers(
    case: Case, lead: Lead, found: Sequence[Fired], facts: Mapping[str, Any], messages: Told, event_id: UUID
) -> bool:
    """Let the rules look once at a locked, scored lead for which triggers fired; say whether it changed hands.

    Closed, held, exceptional and resting leads go on by their own ways. A lead that somebody works on stays, and its
    story says what the rules would do now, unless a trigger says that it moves all the same.
    """
    if lead.closed_at is not None or lead.hold_reason or lead.exception or rests(lead):
        return False
    routed = route_case(case, facts, messages.text, lead=lead)
    why = f"{'. '.join(each.sentence for each in found)}."
    if not _is_free(case, lead) and not any(each.moves_worked for each in found):
        _tell_kept(case, lead, routed, why, event_id)
        return False
    return _take(case, lead, routed, Cause(BY_TRIGGER, f"Routed anew. {why}", messages), facts, event_id)


def _tell_kept(case: Case, lead: Lead, routed: Routed, why: str, event_id: UUID) -> None:
    if routed.queue.id == lead.queue_id:
        return
    whose = lead.owner.user.name if lead.owner else lead.owner_team.name if lead.owner_team else "Its owner"
    sentence = f"{why} The rules would send it to {routed.queue.name} now; {whose} keeps it."
    actor = system_actor(case.organization.id)
    tell(lead, kind="routed", sentence=sentence, actor=actor, now=case.now, event_id=event_id)


def _take(case: Case, lead: Lead, routed: Routed, cause: Cause, facts: Mapping[str, Any], event_id: UUID) -> bool:
    """Let the lead go where the rules send it; say whether it changed hands."""
    take_route(lead, routed)
    given = owning.find(lead, routed, case.now)
    moves = given.owner.queue.id != lead.queue_id
    if moves:
        given = _hand_to(case, lead, given, cause, event_id)
    with acting_as_system():
        save_lead(lead, _COLUMNS)
    heard = cause.messages.heard
    keep_decision(lead, given.routed, facts=facts, cause=cause.trigger, now=case.now, heard=heard)
    if moves:
        _begin_anew(case, lead, given, cause, facts, event_id)
    else:
        batches.hasten(lead, case.now)
    return moves


def _looked_at(case: Case) -> frozenset[str]:
    """Return the fields that the rules look at: those in force, and those that an experiment tries."""
    found = read_by_routing(case.document("routing"))
    for each in running(case.versions.get("routing"), case.now):
        found |= read_by_routing(each.candidate.document)
    return found


def _is_free(case: Case, lead: Lead) -> bool:
    is_idle = lead.closed_at is None and lead.outreach_started_at is None and lead.stage.key == StageKey.ROUTED
    if not is_idle or lead.hold_reason or lead.exception or is_leased(lead, case.now):
        return False
    return Spell.rows().filter(lead=lead, kind="primary", ended_at__isnull=True, trigger__in=_BY_RULES).exists()


def _hand_to(case: Case, lead: Lead, found: owning.Given, cause: Cause, event_id: UUID) -> owning.Given:
    given, actor = owning.with_turns(found, case.now), system_actor(case.organization.id)
    owner = given.owner
    assign(
        lead,
        team=owner.queue.team,
        member=owner.member,
        queue=owner.queue,
        trigger=cause.trigger,
        actor=actor,
        now=case.now,
        reason=given.reason,
        event_id=event_id,
        ruling=given.ruling,
    )
    owning.take_part(lead, given, actor=actor, event_id=event_id, now=case.now)
    return given


def _begin_anew(
    case: Case, lead: Lead, given: owning.Given, cause: Cause, facts: Mapping[str, Any], event_id: UUID
) -> None:
    """Let the new owner's tasks and clocks take the place of the old one's; the receipt goes its own way."""
    actor, is_unanswered = system_actor(case.organization.id), sla.running_timers(lead)
    waits_for_receipt = is_unanswered.filter(kind=ClockKind.ACKNOWLEDGEMENT).exists()
    close_tasks(lead, because="routed anew", now=case.now, kinds=CONTACT_TASKS, state="cancelled")
    leave(lead)
    move_tasks(lead)
    sla.cancel_all(lead, now=case.now, because="routed anew", kinds=_OTHER_CLOCKS)
    begun = given.caller or given.owner
    clocks.begin(case, lead, begun, facts, event_id, since=case.now, caller=given.caller_ids)
    if not waits_for_receipt:
        sla.cancel_all(lead, now=case.now, because="answered before", kinds=[ClockKind.ACKNOWLEDGEMENT])
    settle(lead, actor=actor, event_id=event_id, now=case.now)
    sentence = f"{cause.words} {given.owner.queue.team.name}. {given.reason}"
    tell(lead, kind="assigned", sentence=sentence, actor=actor, now=case.now, event_id=event_id)
