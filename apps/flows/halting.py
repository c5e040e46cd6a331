"""Stop reaching out to somebody for whom the service is not: an exception that asks for closure or parking (QL-13)."""

from datetime import datetime, timedelta

from apps.catalog.queries import services_by_key
from apps.exceptions.models import ExceptionItem
from apps.exceptions.queries import has_open
from apps.exceptions.terms import INELIGIBLE, Decision, ItemState, ItemType
from apps.flows import exceptional
from apps.flows.criteria import Looked, look_at
from apps.flows.exceptional import Found
from apps.flows.resting import stop_contacts
from apps.leads.actions import open_task, refresh_next_action, tell
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.qualification.eligibility import Judged, Limits, judge_eligibility
from apps.qualification.terms import Eligibility
from apps.sla import actions as sla

DECIDE, DECIDE_WITHIN = "Not eligible: close the lead or park it", timedelta(days=1)
#: Decisions by which a person let a lead go on that the rules call ineligible.
_LET_ON = (Decision.ACCEPT, Decision.REDIRECT)


def eligibility_of(lead: Lead, looked: Looked) -> Judged:
    """Say whether the lead's service is for the person, by what was looked at."""
    row = services_by_key().get(lead.service.key) if lead.service else None
    limits = Limits(row.name, row.min_age, row.max_age, row.accepts_new_patients) if row is not None else None
    return judge_eligibility(looked.facts, looked.evaluation, limits)


def found_ineligible(lead: Lead, looked: Looked) -> tuple[Found, ...]:
    """Return the exception of a lead whose service is not for the person; nothing where it is, or nobody knows."""
    judged = eligibility_of(lead, looked) if lead.service else None
    if judged is None or judged.result is not Eligibility.INELIGIBLE:
        return ()
    return (Found(INELIGIBLE, f"{judged.sentence}."),)


def halt_if_ineligible(lead: Lead, now: datetime) -> bool:
    """Stop the outreach of a locked lead whose service is not for the person; say whether it is stopped now.

    What a person let go on is not stopped again for the same reason.
    """
    if lead.closed_at is not None or lead.service is None or lead.stage.key == StageKey.NURTURE:
        return False
    looked = look_at(lead, now)
    found = found_ineligible(lead, looked)
    if not found:
        return False
    if has_open(lead, ItemType.INELIGIBLE):
        return True
    settled = ExceptionItem.rows().filter(lead=lead, type=ItemType.INELIGIBLE, state=ItemState.RESOLVED)
    if any(row.detail == found[0].detail for row in settled.filter(decision__in=_LET_ON)):
        return False
    stop_contacts(lead, because="not eligible", now=now)
    exceptional.flag(lead, INELIGIBLE, detail=found[0].detail, now=now)
    open_task(lead, kind="review", title=DECIDE, due_at=now + DECIDE_WITHIN, now=now)
    actor = exceptional.the_product()
    about = ", ".join(each.about for each in eligibility_of(lead, looked).reasons)
    tell(lead, kind="exception", sentence=f"Not eligible ({about}): outreach stops.", actor=actor, now=now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return True
