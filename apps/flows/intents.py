"""Who uses the scheduling link wants a visit: their cadence ends, and a lead at rest is intake's again (row TN-14)."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.flows.cadences import end_all
from apps.flows.release import send_on
from apps.leads.actions import lock_lead, open_task, refresh_next_action
from apps.leads.models import Lead, Task
from apps.leads.terms import WANTS_VISIT, StageKey
from apps.outreach.cadence_terms import RunEnd
from apps.sla import actions as sla
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

BECAUSE = "They opened the page to choose a time: the lead leaves nurture."
TITLE = "Find a time: they opened the page to choose one"
WITHIN = timedelta(hours=1)


@outbox.handler(WANTS_VISIT)
def heed_intent(lead_id: UUID, now: datetime) -> None:
    """Let a lead whose person wants a visit go on: routed anew from nurture where its service is known, with a task."""
    lead = lock_lead(lead_id)
    if lead.closed_at is not None or lead.outcome == "booked":
        return
    end_all([lead], RunEnd.INTENT, now=now)
    rests = lead.stage.key == StageKey.NURTURE and not (lead.hold_reason or lead.exception)
    woken = rests and lead.service_id is not None and _send_on(lead, now)
    if not woken and not Task.rows().filter(lead=lead, state="open", kind="call").exists():
        open_task(lead, kind="follow_up", title=TITLE, due_at=now + WITHIN, now=now)
        refresh_next_action(lead)
        sla.refresh_due(lead)


def _send_on(lead: Lead, now: datetime) -> bool:
    by = system_actor(current_organization_id(), "scheduling link")
    return send_on(lead, by=by, because=BECAUSE, now=now, stated=("service",), wakes=True)
