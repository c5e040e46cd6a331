"""Let a held or exceptional lead go on once what was missing is there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.capture.decisions import judge
from apps.capture.models import Submission
from apps.capture.terms import Unmapped, ValidityVerdict
from apps.consent.decisions import first_channel
from apps.consent.queries import reaches, states_of
from apps.flows import clocks, inferring
from apps.flows.arrival import Case, facts_of, open_case
from apps.flows.bounces import heed_bounces
from apps.flows.first_steps import route_case, score_case, take_route
from apps.flows.streams import plan_contact
from apps.flows.told import words_told
from apps.leads.actions import (
    close_tasks,
    enter_stage,
    lock_lead,
    refresh_next_action,
    save_lead,
    tell,
)
from apps.leads.decisions import missing_fields
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.ownership.actions import assign
from apps.qualification.actions import keep_score
from apps.routing.actions import give_turn, keep_decision
from apps.sla import actions as sla
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id

RELEASED_COLUMNS = (
    *("validity", "hold_reason", "exception", "status", "stage", "stage_since"),
    *("priority", "workflow", "location", "fit", "intent", "band"),
)
NO_CHANNEL, UNMAPPED = "no_permitted_channel", "unmapped_value"
CONTACT_WITHIN = timedelta(hours=4)
REPAIR_KINDS = ("obtain_consent", "complete_contact", "ask_channel", "clarify_place", "map_value", "review")


def reconsider(lead_id: UUID, *, now: datetime) -> bool:
    """Look again at a lead that waits, after a colleague recorded what it lacked; say whether it goes on.

    Its last inquiry is judged anew with the permissions and facts of today; its clocks start now.
    """
    lead = lock_lead(lead_id)
    if not (lead.hold_reason or lead.exception) or lead.closed_at is not None:
        return False
    arrivals = Submission.rows().filter(lead_id=lead.id, state="processed")
    last = arrivals.select_related("source__campaign", "party").order_by("-processed_at", "-id").first()
    if last is None:
        return False
    case = heed_bounces(open_case(last, now))
    case = replace(case, draft=replace(case.draft, unmapped=_still_unmapped(case, lead)))
    contact = lead.contact_person or lead.person
    states = states_of([contact.id], now)[contact.id]
    validity = judge(
        case.draft,
        case.document("validity"),
        required=case.spec.required_fields,
        source=case.source.key,
        consent_states={str(channel): str(state.value) for channel, state in states.items()},
    )
    facts = facts_of(case, states=states, validity=str(validity.state), is_repeat=False)
    return release_if_complete(case, lead, validity, facts, new_id(), since=now)


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
    if lead.stage.key != StageKey.NEW:
        return _contact_again(case, lead, event_id)
    if validity.state != "valid" or validity.exception:
        return False
    known = _known(lead, facts, case)
    if missing_fields(StageKey.ROUTED, known, case.document("gates")):
        return False
    actor = system_actor(case.organization.id)
    lead.validity, lead.hold_reason, lead.exception, lead.status = "valid", "", "", "new"
    close_tasks(lead, because="released", now=case.now, kinds=REPAIR_KINDS)
    sla.cancel_all(lead, now=case.now, because="released")
    words = " ".join(words_told(lead.id, case.now, reader="release of a held lead"))
    score, known = score_case(case, lead, known, words)
    routed = route_case(case, known, words)
    take_route(lead, routed)
    routed = give_turn(routed)
    assign(
        lead,
        team=routed.queue.team,
        member=routed.member,
        queue=routed.queue,
        trigger="release",
        actor=actor,
        now=case.now,
        reason=routed.verdict.reason,
        event_id=event_id,
    )
    enter_stage(lead, StageKey.ROUTED, event="routing_decided", actor=actor, now=case.now)
    with acting_as_system():
        save_lead(lead, RELEASED_COLUMNS)
    keep_score(lead, score, version=case.versions.get("scoring"), facts=known, now=case.now)
    keep_decision(lead, routed, version=case.versions.get("routing"), facts=known, cause="release", now=case.now)
    tell(
        lead,
        kind="released",
        sentence="What was missing is there: the lead goes on.",
        actor=actor,
        now=case.now,
        event_id=event_id,
    )
    clocks.acknowledge(case, lead, clocks.begin(case, lead, routed, known, event_id, since=since))
    return True


def _contact_again(case: Case, lead: Lead, event_id: UUID) -> bool:
    """Plan a contact on a lead that nobody could be contacted for, once a channel is permitted."""
    if lead.exception != NO_CHANNEL:
        return False
    found = reaches(lead, now=case.now, document=case.document("contact"), default_zone=case.organization.zone)
    channel = first_channel(lead.preferred_channel, {str(each): reach.verdict for each, reach in found.items()})
    if not channel:
        return False
    lead.exception = ""
    save_lead(lead, ["exception"])
    close_tasks(lead, because="a channel is permitted", now=case.now, kinds=["review"])
    title = f"Reach {lead.contact_person or lead.person} by {channel}"
    due_at = case.now + CONTACT_WITHIN
    actor = system_actor(case.organization.id)
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


def _known(lead: Lead, facts: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """Return what the later inquiry says, and of what it leaves out, or only implies, what the lead knows already."""
    place = lead.location.key if lead.location else None
    earlier = {
        "service": lead.service.key if lead.service else None,
        "requested_location": place,
        "location": place,
        "patient_type": lead.patient_type,
        "timeframe": lead.timeframe,
        "payer": lead.payer,
        "preferred_channel": lead.preferred_channel,
    }
    known = dict(facts) | {name: value for name, value in earlier.items() if value and not facts.get(name)}
    return inferring.yielding(case, known, earlier)
