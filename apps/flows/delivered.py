"""A message of ours reached somebody: what the rules let follow on it (rows TK-03, TK-05)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from apps.audit import ledger
from apps.exceptions.queries import stops_outreach
from apps.flows.following_up import Planner
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.outreach.models import Message
from apps.outreach.queries import has_talked
from apps.outreach.terms import AFTER_MESSAGE, OPT_OUT_CONFIRMATION, RECEIPTS, Outcome
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

WORDS = {"email": "E-mail", "text": "Text"}


def follow_delivered(message: Message, *, happened_at: datetime, actor: Actor, now: datetime) -> Task | None:
    """Open the dated follow-up of a message that arrived, where the tenant's rules ask for one.

    It stands beside whatever is planned already, and ends with the next contact that is logged. None for receipts, for
    leads that ended, wait for a decision or were talked with since, and while another follow-up of a message is open.
    """
    if message.purpose in (*RECEIPTS, OPT_OUT_CONFIRMATION):
        return None
    lead = lock_lead(message.lead_id)
    if not _is_wanted(lead, message):
        return None
    planned = Planner(lead, now).after(message.channel, Outcome.DELIVERED)
    if planned.at is None:
        return None
    local = happened_at.astimezone(ZoneInfo(current_organization().zone))
    what, event_id = f"{WORDS[message.channel]} delivered {local:%H:%M}", new_id()
    title = f"{planned.title or 'Follow up'} ({what}, {local.day} {local:%b})"
    task = open_task(lead, kind=AFTER_MESSAGE, title=title, due_at=planned.at, now=now, event_id=event_id)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    due = planned.at.astimezone(local.tzinfo)
    sentence = f"{what}: follow-up {due:%a} {due.day} {due:%b}."
    tell(lead, kind="message", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="task.add",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["next_action_at"],
        detail={"task": str(task.id), "message": str(message.id), "follow_up": planned.rule},
    )
    return task


def _is_wanted(lead: Lead, message: Message) -> bool:
    if lead.closed_at is not None or lead.owner_team_id is None or lead.hold_reason or stops_outreach(lead):
        return False
    if has_talked(lead, since=message.created_at):
        return False
    return not Task.rows().filter(lead=lead, kind=AFTER_MESSAGE, state="open").exists()
