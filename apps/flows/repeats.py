"""A repeated inquiry joins the lead it repeats: a touch, new permissions, filled gaps; no second call."""

from collections.abc import Mapping
from typing import Any

from apps.capture.terms import ValidityVerdict
from apps.catalog.queries import locations_by_key, services_by_key
from apps.flows import first_steps, release
from apps.flows.arrival import Case
from apps.identity.terms import LeadAction, LeadVerdict
from apps.leads.actions import lock_lead, save_lead, tell
from apps.leads.models import Lead
from apps.privacy import details
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id


def join(case: Case, arrival: LeadVerdict, validity: ValidityVerdict, facts: Mapping[str, Any]) -> Lead:
    """Add this inquiry to the lead named by the verdict. A held lead that became complete is released."""
    if arrival.lead_id is None:
        raise ValueError("a merge names its lead")
    lead = lock_lead(arrival.lead_id)
    actor, event_id = system_actor(case.organization.id), new_id()
    first_steps.add_touch(case, lead, str(arrival.verdict))
    filled = _fill_gaps(case, lead)
    if filled:
        save_lead(lead, filled)
    details.keep(subject_id=lead.id, kind="message", text=case.draft.message, now=case.now)
    details.keep(subject_id=lead.id, kind="answers", text=first_steps.answers_of(case), now=case.now)
    by = f" ({case.submission.party.name})" if case.submission.party else ""
    again = "More was told" if arrival.action is LeadAction.UPDATE else "Asked again"
    tell(
        lead,
        kind="repeat",
        sentence=f"{again} through {case.source.name}{by}. {arrival.reason}",
        actor=actor,
        now=case.submission.event_at,
        event_id=event_id,
    )
    release.release_if_complete(case, lead, validity, facts, event_id)
    return lead


def _fill_gaps(case: Case, lead: Lead) -> list[str]:
    """Take what the lead did not know; what it knows stays (both originals remain readable)."""
    draft, changed = case.draft, []
    if lead.service is None and draft.service_key:
        lead.service = services_by_key().get(draft.service_key)
        changed.append("service")
    if lead.location is None and draft.location_key:
        lead.location = locations_by_key().get(draft.location_key)
        changed.append("location")
    for name in ("patient_type", "timeframe", "preferred_channel", "best_time", "payer"):
        if not getattr(lead, name) and getattr(draft, name):
            setattr(lead, name, getattr(draft, name))
            changed.append(name)
    return changed
