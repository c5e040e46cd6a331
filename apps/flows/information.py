"""Leads that only ask for information: answered and offered nurture, not called at once (row SC-09).

The lead's workflow says so, set by this look or by a routing rule. It ends when the person says what they need or by
when: then a contact is planned.
"""

from datetime import datetime, timedelta

from apps.consent.queries import reaches
from apps.flows.arrival import Case
from apps.flows.channel_mix import first_try
from apps.flows.streams import plan_contact, rests
from apps.leads.actions import close_tasks, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import NURTURE_TASK
from apps.policies.queries import live_document
from apps.qualification.consistency import Offer, services_named
from apps.qualification.information import INFORMATION, LOWEST, is_information_only
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

PROPOSAL = "Asks for information only: answer, and propose nurture"
ANSWER_WITHIN = timedelta(hours=24)
CONTACT_WITHIN = timedelta(hours=4)


def mark(case: Case, lead: Lead, offer: Offer) -> None:
    """Mark a lead that is being opened or routed, and whose inquiry asks for information only, with low priority."""
    draft = case.draft
    facts = {
        "service": draft.service_key or lead.service_id,
        "location": draft.location_key,
        "timeframe": draft.timeframe or lead.timeframe,
        "channel": draft.capture_method,
        "lead_class": draft.lead_class,
        "priority": lead.priority,
    }
    named = bool(services_named(draft.message, offer))
    if is_information_only(facts, draft.message, names_service=named, document=case.document("criteria")):
        lead.workflow, lead.priority = INFORMATION, LOWEST


def look_again(lead: Lead, now: datetime) -> None:
    """Let a locked lead be contacted that asked for information only and has said since what it needs or by when.

    One in nurture wakes whole instead (`waking`).
    """
    if lead.closed_at is not None or rests(lead) or not (lead.service_id or lead.timeframe):
        return
    waiting = Task.rows().filter(lead=lead, kind=NURTURE_TASK, state="open")
    if lead.workflow != INFORMATION and all(task.title != PROPOSAL for task in waiting):
        return
    organization, actor = current_organization(), system_actor(current_organization().id)
    lead.workflow = ""
    Lead.rows().filter(id=lead.id).update(workflow="")
    close_tasks(lead, because="asks for care", now=now, kinds=[NURTURE_TASK])
    found = reaches(lead, now=now, document=live_document("contact", now), default_zone=organization.zone)
    channel = first_try(lead, found, live_document("contact", now), now)
    event_id, sentence = new_id(), "Asked for information only; now it is known what they need: ready for intake."
    tell(lead, kind="quality", sentence=sentence, actor=actor, now=now, event_id=event_id)
    if channel:
        title = f"Reach them by {channel}"
        due_at = now + CONTACT_WITHIN
        plan_contact(lead, channel=channel, title=title, due_at=due_at, now=now, event_id=event_id, actor=actor)
