"""A lead at rest: what ends when it comes to nurture, and what ends when it leaves (row QL-18).

Nobody reaches out to a person who said "not now": their contacts, clocks and planned messages end, and the dated
look at the lead is its next action. The receipt that they were promised goes all the same.
"""

from datetime import datetime

from apps.flows.handing_over import CONTACT_TASKS
from apps.flows.streams import leave
from apps.leads.actions import close_tasks, refresh_next_action
from apps.leads.models import Lead, StageSpell, Task
from apps.leads.terms import NURTURE_TASK, StageKey
from apps.outreach.actions import cancel_stage_messages
from apps.qualification.actions import end_parking
from apps.sla import actions as sla
from apps.sla.terms import ClockKind

AT_REST, AWAKE = "not now: asked again later", "left nurture"
#: The clocks of who owes the person a contact. The receipt is still owed, an exception is still open.
CONTACT_CLOCKS = (
    *(ClockKind.FIRST_CONTACT, ClockKind.ROUTING, ClockKind.ACCEPTANCE, ClockKind.FOLLOW_UP),
    ClockKind.ATTEMPT,
)


def follow_rest(lead: Lead, *, now: datetime) -> None:
    """End what a locked lead that entered a stage does no more, by whether it rests now or rested until now."""
    if lead.stage.key == StageKey.NURTURE:
        stop_contacts(lead, because=AT_REST, now=now)
    elif _rested(lead):
        _wake_up(lead, now)


def stop_contacts(lead: Lead, *, because: str, now: datetime) -> None:
    """End what is planned to reach a locked lead's person: tasks, the clocks of contact, planned messages."""
    close_tasks(lead, because=because, now=now, kinds=CONTACT_TASKS, state="cancelled")
    leave(lead)
    cancel_stage_messages(lead, reason=because, now=now)
    refresh_next_action(lead)
    sla.cancel_all(lead, now=now, because=because, kinds=CONTACT_CLOCKS)


def _wake_up(lead: Lead, now: datetime) -> None:
    planned = Task.rows().filter(lead=lead, kind=NURTURE_TASK, state="open", created_at__lt=lead.stage_since)
    planned.update(state="done", closed_at=now, closed_because=AWAKE)
    cancel_stage_messages(lead, reason="the lead left nurture", now=now)
    end_parking(lead, because=AWAKE, now=now)


def _rested(lead: Lead) -> bool:
    """Say whether the stage before the one that the lead is in was nurture."""
    before = StageSpell.rows().filter(lead=lead, ended_at__isnull=False).order_by("-ended_at", "-started_at", "-id")
    return before.values_list("stage__key", flat=True).first() == StageKey.NURTURE
