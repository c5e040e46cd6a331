"""A repeated inquiry joins the lead it repeats: a touch, new permissions, what is newer; no second call."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from apps.capture.terms import ValidityVerdict
from apps.catalog.queries import locations_by_key, services_by_key
from apps.flows import consistency, first_steps, inferring, release
from apps.flows.arrival import Case
from apps.flows.eligibility import look_at_eligibility
from apps.flows.freshness import Heard, sentence_of, settled_by_route, take_newer
from apps.flows.listed import LISTED
from apps.flows.phi import look_at_inquiry
from apps.flows.receipts import acknowledge_repeat
from apps.flows.rerouting import route_anew
from apps.flows.waking import wake
from apps.identity.terms import LeadAction, LeadVerdict
from apps.leads.actions import lock_lead, name_in_tasks, save_lead, tell
from apps.leads.models import Lead
from apps.leads.queries import touches_of
from apps.leads.terms import WISHES
from apps.privacy import details
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id


def join(case: Case, arrival: LeadVerdict, validity: ValidityVerdict, facts: Mapping[str, Any]) -> Lead:
    """Add this inquiry to the lead named by the verdict. A held lead that became complete is released."""
    if arrival.lead_id is None:
        raise ValueError("a merge names its lead")
    lead = lock_lead(arrival.lead_id)
    actor, event_id = system_actor(case.organization.id), new_id()
    is_update = arrival.action is LeadAction.UPDATE
    filled, newer = hear(case, lead, arrival, fixed=frozenset() if is_update else settled_by_route(lead))
    if filled or newer.taken:
        save_lead(lead, [*filled, *newer.fields])
    name_in_tasks(lead)
    by = f" ({case.submission.party.name})" if case.submission.party else ""
    again, word = ("More was told", "Corrected") if is_update else ("Asked again", "Newer")
    tell(
        lead,
        kind="repeat",
        sentence=f"{again} through {case.source.name}{by}. {arrival.reason}{sentence_of(newer, word)}"
        f"{_who_keeps_it(case, lead)}",
        actor=actor,
        now=case.submission.event_at,
        event_id=event_id,
    )
    if call := first_steps.call_line_of(case):
        tell(lead, kind="call", sentence=call, actor=actor, now=case.submission.event_at, event_id=event_id)
    for note in first_steps.line_notes(case) if not is_update else ():
        tell(lead, kind="repeat", sentence=note, actor=actor, now=case.now, event_id=event_id)
    is_released = release.release_if_complete(case, lead, validity, facts, event_id)
    if is_update and not is_released:
        route_anew(case, lead, [*filled, *newer.fields], facts, event_id)
    is_listed = first_steps.hold_reason_of(validity) == LISTED
    if arrival.action is LeadAction.MERGE and not is_released and not is_listed:
        acknowledge_repeat(case, lead)
    consistency.look_again(lead, now=case.now, also=case.draft)
    if not wake(lead, filled, by=actor, now=case.now):
        look_at_eligibility(lead, case.now)
    return lead


def hear(case: Case, lead: Lead, arrival: LeadVerdict, *, fixed: AbstractSet[str]) -> tuple[list[str], Heard]:
    """Keep what an inquiry tells of a locked lead; return which columns were filled, and what newer values it brought.

    The lead's columns are set and not saved. `fixed` columns stay, whatever is told of them.
    """
    first_steps.add_touch(case, lead, str(arrival.verdict))
    filled = fill_gaps(case, lead)
    newer = take_newer(case, lead, fixed=fixed)
    details.keep(subject_id=lead.id, kind="message", text=case.draft.message, now=case.now)
    details.keep(subject_id=lead.id, kind="answers", text=first_steps.answers_of(case.draft), now=case.now)
    look_at_inquiry(case, lead)
    return filled, newer


def _who_keeps_it(case: Case, lead: Lead) -> str:
    """Say that an inquiry through another source or party changes no owner and takes no credit away (row DU-13)."""
    parties = {each.party_id for each in touches_of(lead)} | {case.submission.party_id}
    if lead.source_id == case.source.id and len(parties) == 1:
        return ""
    team = lead.owner_team.name if lead.owner_team else "Its owner"
    return f" {team} keeps the lead; {lead.source.name} and {case.source.name} are both credited."


def fill_gaps(case: Case, lead: Lead) -> list[str]:
    """Take what the lead did not know; what it knows stays (both originals remain readable).

    What was only inferred before gives way to what is stated now; what is inferred now fills gaps, with its mark.
    """
    draft, changed, said = case.draft, [], inferring.stated_in(case)
    overridden = inferring.marked_fields(lead) & set(said)
    if draft.service_key and (lead.service is None or "service" in overridden):
        lead.service = services_by_key().get(draft.service_key)
        changed.append("service")
    if draft.location_key and (lead.location is None or "location" in overridden):
        lead.location = locations_by_key().get(draft.location_key)
        changed.append("location")
    for name in WISHES:
        if getattr(draft, name) and (not getattr(lead, name) or name in overridden):
            setattr(lead, name, getattr(draft, name))
            changed.append(name)
    inferring.unmark(lead, overridden, by=f"said through {case.source.name}", now=case.now)
    inferring.mark(case, lead, changed)
    return changed
