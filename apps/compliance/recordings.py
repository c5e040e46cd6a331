"""The addresses of recordings go after the tenant's days, unless a legal hold keeps them (row TK-12)."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.audit import ledger
from apps.compliance.due import holds_now
from apps.flows.recordings import ERASE, erased_from
from apps.leads.actions import lock_lead
from apps.outreach.models import Recording
from apps.privacy.retention import DataClass
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

#: A hold is looked at again so often.
ASKS_AGAIN = timedelta(days=1)


@outbox.handler(ERASE)
def erase_recording(recording_id: UUID, now: datetime) -> None:
    """Erase the address of a recording; one that is held, or that the schedule keeps longer now, waits."""
    lead = lock_lead(Recording.rows().values_list("lead_id", flat=True).get(id=recording_id))
    row = Recording.rows().get(id=recording_id)
    if row.erased_at is not None:
        return
    due_at = erased_from(row, now)
    if now < due_at:
        outbox.enqueue(ERASE, row.id, due_at=due_at)
        return
    holds = holds_now([lead.id])
    if lead.id in holds.leads or DataClass.MESSAGES in holds.classes:
        outbox.enqueue(ERASE, row.id, due_at=now + ASKS_AGAIN)
        return
    row.address, row.erased_at = "", now
    row.save(update_fields=["address", "erased_at"])
    ledger.record(
        actor=system_actor(current_organization_id(), "retention"),
        action="recording.erased",
        object_type="lead",
        object_id=lead.id,
        fields=["recording"],
        detail={"recording": str(row.id)},
    )
