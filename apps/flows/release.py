"""Let a held or exceptional lead go on once what was missing is there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.capture.terms import ValidityVerdict
from apps.flows import clocks
from apps.flows.arrival import Case
from apps.flows.first_steps import route_case, score_case, take_route
from apps.flows.told import words_told
from apps.leads.actions import close_tasks, enter_stage, save_lead, tell
from apps.leads.decisions import missing_fields
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.ownership.actions import assign
from apps.qualification.actions import keep_score
from apps.routing.actions import give_turn, keep_decision
from apps.sla import actions as sla
from apps.tenancy.actor import system_actor

RELEASED_COLUMNS = (
    *("validity", "hold_reason", "exception", "status", "stage", "stage_since"),
    *("priority", "workflow", "location", "fit", "intent", "band"),
)
REPAIR_KINDS = ("obtain_consent", "complete_contact", "ask_channel", "clarify_place", "review")


def release_if_complete(
    case: Case, lead: Lead, validity: ValidityVerdict, facts: Mapping[str, Any], event_id: UUID
) -> bool:
    """Score and route a held lead anew when a later inquiry brought what it lacked; say whether it was.

    Everything the person wrote so far counts: words of an emergency in the first message still do.
    """
    if not (lead.hold_reason or lead.exception) or lead.closed_at is not None:
        return False
    if validity.state != "valid" or validity.exception:
        return False
    known = _known(lead, facts)
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
    clocks.acknowledge(case, lead, clocks.begin(case, lead, routed, known, event_id))
    return True


def _known(lead: Lead, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the later inquiry says, and of what it leaves out what the lead knows already."""
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
    return dict(facts) | {name: value for name, value in earlier.items() if value and not facts.get(name)}
