"""Reviews before the first contact: a lead of a reviewed flow waits for a decision, and nobody is told to call (QL-16).

Which flows, and by which criteria, say the criteria rules; who decides and by when, the rules about exceptions.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apps.catalog.queries import queues_by_key
from apps.consent.queries import reaches
from apps.exceptions.decisions import plan_for
from apps.exceptions.models import ExceptionItem
from apps.exceptions.queries import has_open
from apps.exceptions.terms import PRE_CONTACT_REVIEW, Decision, ItemState, ItemType, type_of
from apps.flows import exceptional
from apps.flows.arrival import Case
from apps.flows.channel_mix import first_try
from apps.flows.criteria import look, look_at, told_beside
from apps.flows.exceptional import INTERIM, Found
from apps.flows.halting import halt_if_ineligible
from apps.flows.handing_over import hand_over
from apps.flows.listed import refuse_listed
from apps.flows.resting import stop_contacts
from apps.flows.streams import plan_contact
from apps.leads.actions import open_task, refresh_next_action, tell
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.policies.queries import live_document
from apps.qualification.queries import has_reviews, review_before_contact
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

TITLE = "Review before anybody gets in touch: decide by the criteria"
WAITS = "Nobody gets in touch before the review is decided."
DECIDE_WITHIN, CONTACT_WITHIN = timedelta(hours=4), timedelta(hours=4)
#: Stages in which nobody has been in touch yet.
BEFORE_CONTACT = (StageKey.NEW, StageKey.MQL, StageKey.ROUTED)


def found_at_arrival(case: Case, lead: Lead, validity: str, facts: Mapping[str, Any]) -> tuple[Found, ...]:
    """Return the review that a lead which is being opened has to wait for; it comes before whatever else it lacks."""
    if validity == "held" or not has_reviews(case.now):
        return ()
    return _found(look(lead, told_beside(facts), case.now).facts, case.now)


def found_today(lead: Lead, now: datetime) -> tuple[Found, ...]:
    """Return the review that a lead belongs to by what is known today."""
    return _found(look_at(lead, now).facts, now) if has_reviews(now) else ()


def halt_for_review(lead: Lead, now: datetime) -> bool:
    """Let a locked lead wait for its review that nobody was in touch with yet; say whether it waits now.

    Its contacts end and it goes to who decides. What was decided so that it goes on is not asked twice.
    """
    if lead.closed_at is not None:
        return False
    found = found_today(lead, now)
    if not found:
        return False
    if has_open(lead, ItemType.PRE_CONTACT_REVIEW):
        return True
    if lead.attempts or lead.stage.key not in BEFORE_CONTACT or _is_decided(lead, found[0]):
        return False
    stop_contacts(lead, because="reviewed before contact", now=now)
    exceptional.flag(lead, found[0].code, detail=found[0].detail, now=now, criteria=found[0].criteria)
    actor = exceptional.the_product()
    _give_to_handler(lead, found[0].code, actor, now)
    open_task(lead, kind="review", title=TITLE, due_at=now + DECIDE_WITHIN, now=now)
    tell(lead, kind="exception", sentence=f"{found[0].detail} {WAITS}", actor=actor, now=now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return True


def refuse_contact(lead: Lead) -> None:
    """Raise Conflict for a contact with a lead that waits for its review, or that the do-not-contact list holds."""
    refuse_listed(lead)
    if has_open(lead, ItemType.PRE_CONTACT_REVIEW):
        raise Conflict(WAITS, code="awaits_review")


def go_on_lacking(lead: Lead, gaps: tuple[Found, ...], *, by: Actor, now: datetime) -> None:
    """Let a reviewed lead go on that lacks something else: to who handles that, and contacted meanwhile (EX-07)."""
    for each in gaps:
        exceptional.flag(lead, each.code, detail=each.detail, now=now)
    _give_to_handler(lead, gaps[0].code, by, now)
    organization = current_organization()
    found = reaches(lead, now=now, document=live_document("contact", now), default_zone=organization.zone)
    channel = first_try(lead, found, live_document("contact", now), now)
    title, due_at = f"Reach them by {channel}", now + CONTACT_WITHIN
    if channel and not halt_if_ineligible(lead, now):
        plan_contact(lead, channel=channel, title=title, due_at=due_at, now=now, event_id=new_id(), actor=by)
    refresh_next_action(lead)
    sla.refresh_due(lead)


def _found(facts: Mapping[str, Any], now: datetime) -> tuple[Found, ...]:
    review = review_before_contact(facts, now)
    return (Found(PRE_CONTACT_REVIEW, f"{review.name}.", review.criteria),) if review is not None else ()


def _is_decided(lead: Lead, found: Found) -> bool:
    rows = ExceptionItem.rows().filter(lead=lead, type=ItemType.PRE_CONTACT_REVIEW, state=ItemState.RESOLVED)
    return any(row.detail == found.detail for row in rows.filter(decision=Decision.ACCEPT))


def _give_to_handler(lead: Lead, code: str, actor: Actor, now: datetime) -> None:
    """Let the queue hold the lead that the rules name for the type of a cause; without one it stays where it is."""
    queue = queues_by_key().get(plan_for(type_of(code), live_document("exceptions", now), code).queue)
    if queue is None or not queue.is_active or queue.id == lead.queue_id:
        return
    hand_over(
        lead,
        team=queue.team,
        member=None,
        queue=queue,
        trigger=INTERIM,
        actor=actor,
        now=now,
        reason=f"{queue.name} decides about it",
        event_id=new_id(),
        keeps_view=True,
    )
