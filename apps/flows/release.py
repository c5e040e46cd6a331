"""Let a held or exceptional lead go on once what was missing is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.capture.decisions import judge
from apps.capture.terms import Unmapped, ValidityVerdict
from apps.consent.queries import reaches, states_of
from apps.exceptions.queries import has_open
from apps.exceptions.terms import ItemType
from apps.flows import clocks, consistency, exceptional, information, marketing, owning, precontact
from apps.flows.arrival import Case, facts_of, open_case
from apps.flows.bounces import heed_bounces
from apps.flows.channel_mix import first_try
from apps.flows.criteria import look_at
from apps.flows.entering import stage_entered
from apps.flows.facts import Stands, facts_today, held_by, last_inquiry
from apps.flows.first_steps import route_case, score_case, take_route
from apps.flows.halting import found_ineligible, halt_if_ineligible
from apps.flows.handing_over import CONTACT_TASKS
from apps.flows.listed import heed_list
from apps.flows.streams import plan_contact, settle
from apps.flows.told import Told, told
from apps.leads.actions import (
    close_tasks,
    enter_stage,
    lock_lead,
    refresh_next_action,
    save_lead,
    tell,
)
from apps.leads.decisions import missing_fields
from apps.leads.gates import compile_gates
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.leads.terms import CLARIFY_SERVICE, LeadEvent, StageKey
from apps.ownership.actions import assign
from apps.policies.compiling import compiled
from apps.qualification.actions import keep_score
from apps.qualification.terms import ScoreVerdict
from apps.routing.actions import Routed, keep_decision
from apps.sla import actions as sla
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.ids import new_id

RELEASED_COLUMNS = (
    *("validity", "hold_reason", "status", "stage", "stage_since"),
    *("priority", "workflow", "location", "fit", "intent", "band"),
)
#: Facts that stand on the lead in a column of another name.
_NAMED = {"requested_location": "location"}
CONTACT_WITHIN = timedelta(hours=4)
REPAIR_KINDS = (
    *("obtain_consent", "complete_contact", "ask_channel", "clarify_place", "map_value", "review"),
    CLARIFY_SERVICE,
)


@dataclass(frozen=True, slots=True)
class Way:
    """How a lead is to go on: its score, its route, the facts that both saw and the messages that both heard."""

    score: ScoreVerdict
    routed: Routed
    facts: Mapping[str, Any]
    messages: Told


def reconsider(lead_id: UUID, *, now: datetime) -> bool:
    """Look again at a lead that waits, after a colleague recorded what it lacked; say whether it goes on.

    Its last inquiry is judged anew with the permissions and facts of today; its clocks start now.
    """
    lead = lock_lead(lead_id)
    if not (lead.hold_reason or lead.exception) or lead.closed_at is not None:
        return False
    found = judged_today(lead, now)
    if found is None:
        return False
    case, validity, facts = found
    return release_if_complete(case, lead, validity, facts, new_id(), since=now)


def send_on(
    lead: Lead, *, by: Actor, because: str, now: datetime, stated: Sequence[str] = (), wakes: bool = False
) -> bool:
    """Let a locked lead go on that a person decided about, whatever the checks say; False for one without inquiry.

    It is scored and routed as it is known today. `stated` are fields of the lead that a colleague put right: they
    win over what the inquiry says. One that `wakes` leaves nurture and is routed as a new one is.
    """
    found = judged_today(lead, now)
    if found is None:
        return False
    case, _validity, facts = found
    known = facts_today(case, lead, facts, stands=Stands.INQUIRY)
    known |= {name: value for name, value in held_by(lead).items() if _NAMED.get(name, name) in stated}
    messages = told(lead.id, now, reader="decision about an exception")
    score, known = score_case(case, lead, known, messages.text)
    way = Way(score, route_case(case, known, messages.text, lead=lead), known, messages)
    go_on(case, lead, way, new_id(), since=now, by=by, because=because, wakes=wakes)
    return True


def judged_today(lead: Lead, now: datetime) -> tuple[Case, ValidityVerdict, dict[str, Any]] | None:
    """Return the lead's last inquiry with its verdict and facts of today; None for a lead without any."""
    last = last_inquiry(lead)
    if last is None:
        return None
    case = heed_bounces(open_case(last, now))
    case = replace(case, draft=replace(case.draft, unmapped=_still_unmapped(case, lead)))
    contact = lead.contact_person or lead.person
    states = states_of([contact.id], now, lead_id=lead.id)[contact.id]
    validity = judge(
        case.draft,
        case.document("validity"),
        required=case.spec.required_fields,
        source=case.source.key,
        consent_states={str(channel): str(state.value) for channel, state in states.items()},
    )
    validity = heed_list(case, contact, validity)
    return case, validity, facts_of(case, states=states, validity=str(validity.state), is_repeat=False)


def gaps_left(lead: Lead, now: datetime) -> tuple[exceptional.Found, ...]:
    """Return what a lead would still lack if it went on now: what the gate misses, else why no rule finds a queue."""
    found = judged_today(lead, now)
    if found is None:
        return ()
    case, validity, facts = found
    known = facts_today(case, lead, facts)
    if gaps := exceptional.found_again(case, known):
        return gaps
    routed = route_case(case, known, told(lead.id, now, reader="gaps of a waiting lead").text, lead=lead)
    return exceptional.found_by_router(case, validity.state, routed, known)


def release_if_complete(
    case: Case,
    lead: Lead,
    validity: ValidityVerdict,
    facts: Mapping[str, Any],
    event_id: UUID,
    *,
    since: datetime | None = None,
) -> bool:
    """Score and route a lead anew that was never routed and now has what it lacked; say whether it goes on.

    Everything the person wrote so far counts: words of an emergency in the first message still do. A lead that
    was routed before keeps its owner and stage; where no channel was permitted, one that is gets a task.
    """
    if not (lead.hold_reason or lead.exception) or lead.closed_at is not None:
        return False
    if lead.stage.key != StageKey.NEW and not exceptional.is_interim(lead):
        return _contact_again(case, lead, event_id)
    if validity.state != "valid" or validity.exception:
        return False
    known = facts_today(case, lead, facts, stands=Stands.INQUIRY)
    if missing_fields(StageKey.ROUTED, known, compiled(case.versions.get("gates"), compile_gates)):
        return False
    messages = told(lead.id, case.now, reader="release of a held lead")
    score, known = score_case(case, lead, known, messages.text)
    routed = route_case(case, known, messages.text, lead=lead)
    if exceptional.found_by_router(case, validity.state, routed, known):
        return False
    if has_open(lead, ItemType.INELIGIBLE) and found_ineligible(lead, look_at(lead, case.now)):
        return False
    if has_open(lead, ItemType.PRE_CONTACT_REVIEW) and precontact.found_today(lead, case.now):
        return False
    go_on(case, lead, Way(score, routed, known, messages), event_id, since=since)
    return True


def go_on(
    case: Case,
    lead: Lead,
    way: Way,
    event_id: UUID,
    *,
    since: datetime | None = None,
    by: Actor | None = None,
    because: str = "What was missing is there: the lead goes on.",
    wakes: bool = False,
) -> None:
    """Let a lead that waited go its way: its final owner, new clocks, and nothing left of what held it.

    Where the first contact was made meanwhile, the lead keeps the stage that it reached.
    """
    actor = by or system_actor(case.organization.id)
    score, routed, known = way.score, way.routed, way.facts
    lead.validity, lead.hold_reason = "valid", ""
    exceptional.clear_all(lead, by=actor, reason=because, now=case.now)
    close_tasks(lead, because="released", now=case.now, kinds=(*REPAIR_KINDS, *CONTACT_TASKS))
    sla.meet(lead, LeadEvent.ROUTING_DECIDED, at=case.now, by="routed")
    sla.cancel_all(lead, now=case.now, because="released")
    take_route(lead, routed)
    information.mark(case, lead, consistency.offer_today())
    target = marketing.look_again(case, lead)
    given = owning.give(lead, routed, case.now, stays=target.queue is not None)
    held = target.held(given.owner)
    assign(
        lead,
        team=held.queue.team,
        member=held.member,
        queue=held.queue,
        trigger=target.trigger("release"),
        actor=actor,
        now=case.now,
        reason=given.reason,
        event_id=event_id,
        ruling=given.ruling,
    )
    owning.take_part(lead, given, actor=actor, event_id=event_id, now=case.now)
    enters = _enter_stages(lead, target, actor, case.now, wakes=wakes)
    with acting_as_system():
        save_lead(lead, RELEASED_COLUMNS)
    _keep_judgements(case, lead, score, given.routed, known, way.messages)
    tell(
        lead,
        kind="released",
        sentence=because,
        actor=actor,
        now=case.now,
        event_id=event_id,
    )
    start = clocks.begin(case, lead, given.caller or held, known, event_id, since=since, caller=given.caller_ids)
    clocks.acknowledge(case, lead, start)
    if enters:
        stage_entered(lead, actor=actor, event_id=event_id, now=case.now)
    if actor.is_system:
        halt_if_ineligible(lead, case.now)
    precontact.halt_for_review(lead, case.now)
    settle(lead, actor=actor, event_id=event_id, now=case.now)


def _enter_stages(lead: Lead, target: marketing.Target, actor: Actor, now: datetime, *, wakes: bool) -> bool:
    """Let a lead that nobody has contacted pass marketing's stage and be routed, or rest with the stage's team.

    Say whether it entered any.
    """
    if lead.stage.key not in (StageKey.NEW, StageKey.MQL, *((StageKey.NURTURE,) if wakes else ())):
        return False
    lead.status = "new"
    if target.reached:
        enter_stage(lead, StageKey.MQL, event=LeadEvent.SCORE_REACHED, actor=actor, now=now)
    if target.queue is None:
        enter_stage(lead, StageKey.ROUTED, event=LeadEvent.ROUTING_DECIDED, actor=actor, now=now)
    return True


def _keep_judgements(
    case: Case, lead: Lead, score: ScoreVerdict, routed: Routed, facts: Mapping[str, Any], messages: Told
) -> None:
    heard, versions = messages.heard, case.versions
    keep_score(lead, score, version=versions.get("scoring"), facts=facts, now=case.now, heard=heard, cause="release")
    keep_decision(lead, routed, facts=facts, cause="release", now=case.now, heard=heard)


def _contact_again(case: Case, lead: Lead, event_id: UUID) -> bool:
    """Plan a contact on a lead that nobody could be contacted for, once a channel is permitted."""
    if not has_open(lead, ItemType.NO_PERMITTED_CHANNEL):
        return False
    found = reaches(lead, now=case.now, document=case.document("contact"), default_zone=case.organization.zone)
    channel = first_try(lead, found, case.document("contact"), case.now)
    if not channel:
        return False
    actor = system_actor(case.organization.id)
    reason = f"{channel.capitalize()} is permitted."
    exceptional.clear(lead, ItemType.NO_PERMITTED_CHANNEL, by=actor, reason=reason, now=case.now)
    close_tasks(lead, because="a channel is permitted", now=case.now, kinds=["review"])
    title = f"Reach them by {channel}"
    due_at = case.now + CONTACT_WITHIN
    plan_contact(lead, channel=channel, title=title, due_at=due_at, now=case.now, event_id=event_id, actor=actor)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    sentence = f"{channel.capitalize()} is permitted: a contact is planned."
    tell(lead, kind="released", sentence=sentence, actor=actor, now=case.now, event_id=event_id)
    return True


def _still_unmapped(case: Case, lead: Lead) -> tuple[Unmapped, ...]:
    """Leave out what a colleague has found out meanwhile."""
    names = {"relation": "contact_relation"}
    return tuple(each for each in case.draft.unmapped if not getattr(lead, names.get(each.field, each.field), ""))
