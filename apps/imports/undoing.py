"""Take a whole import back, within seven days of its confirmation: in parts, one wake-up each, like taking it in.

A lead that only a row of the import made and nobody touched since is withdrawn; a touched one is kept and listed
with the reason; a touch that joined a lead known before counts no more. Nothing is deleted.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from apps.audit import ledger
from apps.flows.withdrawing import unjoin_touch, why_kept, withdraw_lead
from apps.imports.actions import locked, require
from apps.imports.models import ImportRow, ImportRun
from apps.imports.terms import ImportKind, RowState, RunState
from apps.leads.actions import lock_lead
from apps.leads.models import Touch
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.errors import Conflict
from apps.tenancy.scope import current_organization_id

UNDO = "imports.undo"
UNDO_ROWS = 100
UNDO_WITHIN = timedelta(days=7)
WAIT = timedelta(seconds=5)


def undo_until(run: ImportRun) -> datetime | None:
    """Return the last instant at which an import can be taken back; None for one that was not taken in.

    Opt-outs are never taken back: who wants contact again says so.
    """
    if run.kind == ImportKind.OPT_OUTS:
        return None
    return run.confirmed_at + UNDO_WITHIN if run.confirmed_at and run.state == RunState.DONE else None


def undo(*, actor: Actor, run_id: UUID, now: datetime) -> ImportRun:
    """Take an import back that was taken in. Refuses who may not import, other states, and after seven days."""
    require(actor)
    run = locked(actor, run_id, RunState.DONE)
    if run.kind == ImportKind.OPT_OUTS:
        raise Conflict("Opt-outs are not taken back. Who wants contact again says so.", code="opt_outs_stay")
    until = undo_until(run)
    if until is None or now > until:
        raise Conflict("An import can be taken back for 7 days only. Close its leads by hand.", code="too_late")
    run.state, run.at_row, run.undone_by = RunState.UNDOING, 0, actor.label[:200]
    run.save(update_fields=["state", "at_row", "undone_by"])
    outbox.enqueue(UNDO, run.id)
    ledger.record(actor=actor, action="import.undo", object_type="import_run", object_id=run.id)
    return run


@outbox.handler(UNDO)
def undo_part(run_id: UUID, now: datetime) -> None:
    """Take the next part of the rows back; rows whose inquiry is still on its way are waited for."""
    run = ImportRun.rows().select_for_update().filter(id=run_id).first()
    if run is None or run.state != RunState.UNDOING:
        return
    taken = ImportRow.rows().filter(run=run, state=RowState.TAKEN, submission__isnull=False)
    rows = list(taken.filter(submission__state="processed").select_related("submission")[:UNDO_ROWS])
    if not rows and taken.exists():
        outbox.enqueue(UNDO, run.id, due_at=now + WAIT)
        return
    actor = system_actor(current_organization_id(), f"undo of import {run.file_name}", Door.WORKER)
    for row in sorted(rows, key=lambda each: str(each.submission.lead_id if each.submission else "")):
        _take_back(row, actor, now)
    ImportRow.objects.bulk_update(rows, ["state", "problems"])
    if rows:
        run.at_row += len(rows)
        outbox.enqueue(UNDO, run.id)
    else:
        run.state, run.undone_at, run.at_row = RunState.UNDONE, now, run.total
    run.save(update_fields=["state", "undone_at", "at_row"])


def _take_back(row: ImportRow, actor: Actor, now: datetime) -> None:
    submission = row.submission
    touch = Touch.rows().filter(submission_id=submission.id).first() if submission is not None else None
    if touch is None:
        row.state = RowState.WITHDRAWN
        return
    earlier = Q(at__lt=touch.at) | Q(at=touch.at, id__lt=touch.id)
    lead = lock_lead(touch.lead_id)
    if Touch.rows().filter(earlier, lead=lead).exists():
        unjoin_touch(touch, actor=actor, now=now)
        row.state = RowState.UNJOINED
        return
    why = why_kept(lead, touch.submission_id)
    if why:
        row.state, row.problems = RowState.KEPT, [{"code": "kept", "detail": f"{lead.ref} stays. {why}"}]
        return
    withdraw_lead(lead.id, actor=actor, now=now)
    row.state = RowState.WITHDRAWN
