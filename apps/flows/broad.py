"""Broad requests, such as “I need a doctor”: screened by one more task, never turned away (row QL-19).

The lead goes its way with its first contact, and whoever has it clarifies the service. The task ends when the service
is known, however it became known.
"""

from datetime import datetime
from uuid import UUID

from apps.flows.arrival import Case
from apps.leads.actions import close_tasks, open_task, refresh_next_action
from apps.leads.models import Lead
from apps.leads.terms import CLARIFY_SERVICE, PATIENT
from apps.qualification.information import INFORMATION
from apps.sla import actions as sla

TITLE = "Clarify service: ask what they need"
KNOWN = "the service is known"


def is_broad(case: Case, lead: Lead) -> bool:
    """Say whether a lead that goes its way names no service; a word that nobody knows has a task of its own.

    Who only asks for information is answered and not screened, and what is held waits for something else.
    """
    unread = any(each.field == "service" for each in case.draft.unmapped)
    return not (
        lead.service_id or lead.hold_reason or unread or lead.lead_class != PATIENT or lead.workflow == INFORMATION
    )


def plan_screening(lead: Lead, *, due_at: datetime, now: datetime, event_id: UUID) -> None:
    """Open the task, due with the lead's first contact: it is asked in the same conversation."""
    open_task(lead, kind=CLARIFY_SERVICE, title=TITLE, due_at=due_at, now=now, event_id=event_id)


def end_screening(lead: Lead, now: datetime) -> None:
    """End the task of a locked lead whose service is known."""
    if lead.service_id is None or lead.closed_at is not None:
        return
    if close_tasks(lead, because=KNOWN, now=now, kinds=[CLARIFY_SERVICE]):
        refresh_next_action(lead)
        sla.refresh_due(lead)
