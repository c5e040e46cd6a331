"""Cadences: start one where a stage or a status brings it, by hand or from a group; end it where nothing is to follow.

A person is in one cadence at a time, whichever of their leads it is for: the second one is not started.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.flows.cadence_facts import facts_of
from apps.leads.actions import lock_lead
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.outreach import cadences
from apps.outreach.cadence_terms import Cadence, RunEnd
from apps.outreach.models import CadenceRun
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.models import RuleSetVersion
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.scope import current_organization_id

RESTING = (StageKey.NURTURE, StageKey.NOT_QUALIFIED)


def start_of_stage(lead: Lead, *, now: datetime) -> CadenceRun | None:
    """Start the cadence that the stage of a locked lead brings, if there is one for such a lead (row TN-04)."""
    plans, version = cadences.plans_in_force(now)
    return _start_first([each for each in plans.cadences if each.stage == lead.stage.key], version, lead, now)


def start_of_status(lead: Lead, status: str, *, now: datetime) -> CadenceRun | None:
    """Start the cadence that a status by the clock brings, such as a lead that went stale (row TN-11)."""
    plans, version = cadences.plans_in_force(now)
    return _start_first([each for each in plans.cadences if each.status == status], version, lead, now)


def start_cadence(*, actor: Actor, lead_id: UUID, cadence: str, now: datetime) -> CadenceRun:
    """Start a cadence by hand.

    Refuses people whose team does not own the lead, closed leads, an unknown cadence, and a person who is in one.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action="lead.cadence")
    plans, version = cadences.plans_in_force(now)
    found = plans.cadence(cadence)
    if found is None or version is None:
        raise Invalid("There is no such cadence.", (Problem("/cadence", "unknown_cadence", "Choose a cadence."),))
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you start a cadence.", code="closed")
    if why := why_not_started(lead, found, now):
        raise Conflict(why, code="not_started")
    run = cadences.begin_run(lead, found, version, actor=actor, now=now)
    _record(actor, lead, "cadence.start", found.id)
    return run


def stop_cadence(*, actor: Actor, lead_id: UUID, now: datetime) -> CadenceRun:
    """End the cadence that a lead is in.

    Refuses people whose team does not own the lead; raises Conflict where it is in none.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action="lead.cadence")
    run = cadences.open_run(lead)
    if run is None:
        raise Conflict("This lead is in no cadence.", code="no_cadence")
    cadences.end_run(run, lead, RunEnd.BY_HAND, actor=actor, now=now)
    _record(actor, lead, "cadence.stop", run.cadence)
    return run


def why_not_started(lead: Lead, cadence: Cadence, now: datetime) -> str:
    """Return why a lead does not begin a cadence; "" where it may."""
    if lead.hold_reason or lead.exception:
        return "This lead waits for a decision: nobody is written to meanwhile."
    who = {lead.person_id, lead.contact_person_id or lead.person_id}
    taken = cadences.in_cadences(who).select_related("lead").first()
    if taken is not None:
        return f"They are in a cadence already, with {taken.lead.ref}. One at a time."
    if lead.stage.key in RESTING and lead.stage.key not in (cadence.stage, *cadence.stays_in):
        return "This lead rests. Choose a cadence that is for resting leads."
    if cadence.when is not None and cadence.when(facts_of(lead, now)) is not True:
        return "This cadence is for other leads."
    return ""


def heed_stage(lead: Lead, *, now: datetime) -> None:
    """End the cadence of a locked lead that entered a stage which ends it (rows TN-06, TN-07)."""
    run = cadences.open_run(lead)
    if run is not None and (end := end_by_stage(run, lead)) is not None:
        by = system_actor(current_organization_id(), "cadence")
        cadences.end_run(run, lead, end, actor=by, now=now)


def end_by_stage(run: CadenceRun, lead: Lead) -> RunEnd | None:
    """Return why a lead's stage ends its cadence; None where it goes on."""
    if lead.closed_at is not None or lead.stage.key in (StageKey.CLOSED, StageKey.NOT_QUALIFIED):
        return RunEnd.CLOSED
    cadence = cadences.cadence_of(run)
    homes = {run.stage, *(cadence.stays_in if cadence is not None else ())}
    if lead.stage.key == StageKey.SCHEDULED and StageKey.SCHEDULED not in homes:
        return RunEnd.BOOKED
    bound = cadence is None or bool(cadence.stage) or lead.stage.key in RESTING
    return RunEnd.LEFT_STAGE if bound and lead.stage.key not in homes else None


def end_all(leads: Iterable[Lead], because: RunEnd, *, now: datetime, actor: Actor | None = None) -> int:
    """End the cadences of these locked leads; return how many there were."""
    return cadences.end_runs(leads, because, now=now, actor=actor)


def _start_first(
    fitting: list[Cadence], version: RuleSetVersion | None, lead: Lead, now: datetime
) -> CadenceRun | None:
    if version is None or lead.closed_at is not None:
        return None
    for cadence in fitting:
        if not why_not_started(lead, cadence, now):
            by = system_actor(current_organization_id(), "cadence")
            return cadences.begin_run(lead, cadence, version, actor=by, now=now)
    return None


def _record(actor: Actor, lead: Lead, action: str, cadence: str) -> None:
    ledger.record(
        actor=actor, action=action, object_type="lead", object_id=lead.id, fields=["cadence"], detail={"is": cadence}
    )
