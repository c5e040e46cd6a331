"""One live outreach per person: when one lead's ends, the leads that stood back go on (row DU-07)."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.leads.actions import close_tasks, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.sla import actions as sla
from apps.tenancy.actor import Actor

BREATH = timedelta(minutes=30)


def wake_others(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> int:
    """Wake the contact tasks of leads that waited for this one; return how many leads went on."""
    waiting = Lead.rows().select_for_update(of=("self",), no_key=True)
    others = list(waiting.filter(shares_stream_with=lead, closed_at__isnull=True).order_by("id"))
    for other in others:
        Lead.rows().filter(id=other.id).update(shares_stream_with=None)
        for task in Task.rows().filter(lead=other, state="suppressed"):
            task.state, task.due_at = "open", max(task.due_at, now + BREATH)
            task.save(update_fields=["state", "due_at"])
        close_tasks(other, because="the other lead ended", now=now, kinds=["coordinate"], state="cancelled")
        refresh_next_action(other)
        sla.refresh_due(other)
        tell(
            other,
            kind="linked",
            sentence=f"{lead.ref} needs no more calls: this lead's own contact goes on.",
            actor=actor,
            now=now,
            event_id=event_id,
        )
    return len(others)
