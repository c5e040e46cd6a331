"""Tell outside systems that a lead entered a stage, and keep what came of it (row ST-07).

The gates name for each move who hears of it. One row for each system is written with the move; a wake-up hands it over
outside of any transaction, and comes back after longer and longer waits. What nobody could tell becomes a task, and
an exception of the lead until the system has heard of it (row EX-01).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from apps.audit import ledger
from apps.catalog.field_purposes import usable
from apps.catalog.models import OutsideSystem
from apps.catalog.outside import secret_of, systems_by_key
from apps.catalog.terms import FieldUse, OutsideAdapter
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import stopped
from apps.exceptions.queries import has_open
from apps.exceptions.terms import SYNC_ERROR, ItemType
from apps.flows import exceptional
from apps.flows.adapters import NotTold, Word, adapter_of
from apps.flows.pushed import values_for
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead, OutsideUpdate, StageSpell, Task
from apps.leads.queries import gates_in_force
from apps.leads.terms import UpdateState
from apps.privacy.disclosures import CONFIRMED, SYSTEM, Transfer, note_transfer
from apps.sla import actions as sla
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id, tenant_scope
from apps.tenancy.writing import insert

TELL = "outside.tell"
#: Who told a system where no colleague did.
JOB = f"job {TELL}"
#: How long after each failed try the next one comes; after the last a person has it.
WAITS = (60, 300, 1800, 7200, 28_800)
#: So soon a message is looked at again whose vendor has no agreement in order.
ASKS_AGAIN = timedelta(hours=1)
BY_HAND_WITHIN = timedelta(days=1)
TELL_BY_HAND = "tell_outside"


def announce(lead: Lead, *, event_id: UUID, now: datetime) -> list[OutsideUpdate]:
    """Write down who hears of the stage that a locked lead is in now. Test leads are told to nobody.

    After commit each system is told. Costs nothing where no move of the gates names a system.
    """
    gates = gates_in_force(now)
    if not gates.tells_others or lead.is_test:
        return []
    spells = StageSpell.rows().filter(lead=lead).order_by("-started_at", "-id").select_related("stage")[:2]
    here, *before = list(spells)
    known = systems_by_key()
    keys = gates.updates_of(before[0].stage.key if before else "", here.stage.key, here.event)
    found = [_update(lead, known[key], here, event_id) for key in keys if key in known]
    insert(*found)
    for update in found:
        if update.system.adapter == OutsideAdapter.BY_HAND:
            _open_task(lead, update, now)
        outbox.enqueue(TELL, update.id)
    return found


def _update(lead: Lead, system: OutsideSystem, spell: StageSpell, event_id: UUID) -> OutsideUpdate:
    return OutsideUpdate(
        id=new_id(),
        lead=lead,
        system=system,
        stage=spell.stage,
        event=spell.event,
        event_id=event_id,
        entered_at=spell.started_at,
    )


@outbox.own_scope_handler(TELL)
def tell_system(organization_id: UUID, update_id: UUID, now: datetime) -> None:
    """Hand one message over, and note the answer. A second run of what arrived does nothing."""
    with tenant_scope(organization_id):
        update = _locked(update_id)
        if update.state not in (UpdateState.WAITING, UpdateState.FAILED):
            return
        if update.system.adapter != OutsideAdapter.BY_HAND and (
            why := stopped(UseKind.SYSTEM, update.system.key, now=now)
        ):
            _hold(update, why, now)
            return
        adapter, word = adapter_of(update.system.adapter), _word(update)
    sent = fields_in(word)
    try:
        reference = adapter.tell(word)
    except NotTold as problem:
        with tenant_scope(organization_id):
            _failed(_locked(update_id), problem, sent, database_now())
        return
    with tenant_scope(organization_id):
        _done(_locked(update_id), reference, sent, database_now())


def fields_in(word: Word) -> list[str]:
    """Return the names of the fields of a person that a message carries: what is written down is what was sent."""
    told = word.body.get("fields")
    return list(told) if isinstance(told, Mapping) else []


def _hold(update: OutsideUpdate, why: str, now: datetime) -> None:
    """Keep a message that no vendor may carry now; it is looked at again each hour, and when an agreement is there."""
    if update.problem != why[:200]:
        detail = {"system": update.system.key, "why": why[:200]}
        actor = system_actor(current_organization_id(), "outside")
        ledger.record(
            actor=actor, action="refused:outside.tell", object_type="lead", object_id=update.lead_id, detail=detail
        )
    update.problem, update.next_at = why[:200], now + ASKS_AGAIN
    update.save(update_fields=["problem", "next_at"])
    outbox.enqueue(TELL, update.id, due_at=update.next_at)


def _locked(update_id: UUID) -> OutsideUpdate:
    rows = OutsideUpdate.rows().select_for_update(of=("self",)).select_related("system", "stage", "lead")
    found: OutsideUpdate = rows.get(id=update_id)
    return found


def _word(update: OutsideUpdate) -> Word:
    """Return what the system hears: ids, names of stages, and the fields that were set for it."""
    system, lead = update.system, update.lead
    body = {
        "event": "lead.stage",
        "id": str(update.id),
        "lead": str(lead.id),
        "reference": lead.ref,
        "stage": update.stage.key,
        "because": update.event,
        "entered_at": update.entered_at.isoformat(),
        "closure_reason": lead.closure_reason,
    }
    if system.fields:
        body["fields"] = values_for(lead, system)
        _note_left_out(update)
    secret = secret_of(system) if system.adapter == OutsideAdapter.WEBHOOK else b""
    return Word(system.address, secret, str(update.id), body)


def _note_left_out(update: OutsideUpdate) -> None:
    """Keep which fields a system did not hear because they are recorded for other purposes by now."""
    system = update.system
    serving = usable(system.fields, FieldUse(system.purpose))
    left_out = [name for name in system.fields if name not in serving]
    if left_out:
        ledger.record(
            actor=system_actor(current_organization_id(), JOB),
            action="refused:outside.tell",
            object_type="lead",
            object_id=update.lead_id,
            fields=left_out,
            detail={"system": system.key, "purpose": system.purpose},
        )


def _note_transfer(update: OutsideUpdate, fields: Sequence[str], outcome: str, by: str, now: datetime) -> None:
    """Write down what a system was told, also where it confirmed nothing: it may have it all the same."""
    lead, system = update.lead, update.system
    transfer = Transfer(
        recipient=f"{system.name} ({system.key})",
        recipient_kind=SYSTEM,
        fields=[*fields, "reference", "stage", *(["closure_reason"] if lead.closure_reason else [])],
        because=f"{system.purpose}: {update.stage.label}",
        by=by,
        outcome=outcome,
        reference=update.reference or str(update.id),
    )
    note_transfer(transfer, [(lead.id, lead.contact_person_id or lead.person_id)], now=now)


def _done(update: OutsideUpdate, reference: str, sent: Sequence[str], now: datetime) -> None:
    update.state, update.reference, update.attempts = UpdateState.SENT, reference, update.attempts + 1
    update.next_at, update.problem, update.finished_at = None, "", now
    update.save(update_fields=["state", "reference", "attempts", "next_at", "problem", "finished_at"])
    _note_transfer(update, sent, CONFIRMED, JOB, now)
    _end_task(update, now)
    _settle(update, system_actor(current_organization_id(), "outside"), now)


def _failed(update: OutsideUpdate, problem: NotTold, sent: Sequence[str], now: datetime) -> None:
    update.attempts += 1
    update.problem = str(problem)[:200]
    if update.system.adapter != OutsideAdapter.BY_HAND:
        _note_transfer(update, sent, f"not confirmed: {problem}", JOB, now)
    goes_on = not problem.final and update.attempts <= len(WAITS)
    update.state = UpdateState.FAILED if goes_on else UpdateState.GIVEN_UP
    update.next_at = now + timedelta(seconds=WAITS[update.attempts - 1]) if goes_on else None
    update.save(update_fields=["attempts", "problem", "state", "next_at"])
    if update.next_at is not None:
        outbox.enqueue(TELL, update.id, due_at=update.next_at)
    elif update.system.adapter != OutsideAdapter.BY_HAND:
        _give_up(update, now)


def _give_up(update: OutsideUpdate, now: datetime) -> None:
    lead, actor = lock_lead(update.lead_id), system_actor(current_organization_id(), "outside")
    name = update.system.name
    sentence = f"{name} did not hear of {update.stage.label}: {update.problem}. A person has to tell it."
    tell(lead, kind="outside", sentence=sentence, actor=actor, now=now, event_id=update.event_id)
    _open_task(lead, update, now)
    if lead.closed_at is None:
        detail = f"{name} did not hear of {update.stage.label}: {update.problem}."
        exceptional.flag(lead, SYNC_ERROR, detail=detail, now=now)
        sla.refresh_due(lead)


def _settle(update: OutsideUpdate, by: Actor, now: datetime) -> None:
    """End the lead's exception once no system is left that has to hear of it; what goes by hand is a task's part."""
    left = OutsideUpdate.rows().filter(lead_id=update.lead_id).exclude(state=UpdateState.SENT)
    if left.exclude(system__adapter=OutsideAdapter.BY_HAND).exists():
        return
    lead = lock_lead(update.lead_id)
    if has_open(lead, ItemType.SYNC_ERROR):
        because = f"{update.system.name} has heard of it."
        exceptional.clear(lead, ItemType.SYNC_ERROR, by=by, reason=because, now=now)
        tell(lead, kind="exception", sentence=because, actor=by, now=now, event_id=update.event_id)
        sla.refresh_due(lead)


def _open_task(lead: Lead, update: OutsideUpdate, now: datetime) -> None:
    """Give the lead's team a task to tell a system, if it has none from a try before."""
    if not _tasks(update).exists():
        due_at = now + BY_HAND_WITHIN
        open_task(lead, kind=TELL_BY_HAND, title=_title(update), now=now, due_at=due_at, event_id=update.event_id)
    if lead.closed_at is None:
        refresh_next_action(lead)


def _title(update: OutsideUpdate) -> str:
    return f"Tell {update.system.name}: {update.stage.label}"


def _tasks(update: OutsideUpdate) -> QuerySet[Task]:
    rows = Task.rows().filter(lead_id=update.lead_id, kind=TELL_BY_HAND, state="open")
    return rows.filter(id__in=[task.id for task in rows if task.title == _title(update)])


def _end_task(update: OutsideUpdate, now: datetime) -> None:
    """End the task to tell the system, which has heard of it now."""
    if _tasks(update).update(state="done", closed_at=now, closed_because="told"):
        refresh_next_action(lock_lead(update.lead_id))


def try_again(*, actor: Actor, update: OutsideUpdate, now: datetime) -> None:
    """Tell a system once more, with all its tries before it. Refuses what arrived already."""
    row = _open_row(update)
    row.state, row.attempts, row.next_at, row.problem = UpdateState.WAITING, 0, None, ""
    row.save(update_fields=["state", "attempts", "next_at", "problem"])
    outbox.enqueue(TELL, row.id)
    _note(actor, "outside.retry", row)


def send_again(lead: Lead, *, actor: Actor, now: datetime) -> int:
    """Tell every system once more that did not hear of a lead; return how many there are. Refuses where none is left.

    The exception stays open until the last of them has heard of it.
    """
    left = list(OutsideUpdate.rows().filter(lead=lead, state=UpdateState.GIVEN_UP).order_by("entered_at", "id"))
    if not left:
        raise Conflict("Nothing is left to send: each system is being told, or has heard of it.", code="nothing_left")
    for update in left:
        try_again(actor=actor, update=update, now=now)
    return len(left)


def told_by_hand(*, actor: Actor, update: OutsideUpdate, now: datetime) -> None:
    """Say that a person told the system. Refuses what arrived already."""
    row = _open_row(update)
    row.state, row.next_at, row.problem = UpdateState.SENT, None, ""
    row.reference, row.finished_at = f"by {actor.label}"[:100], now
    row.save(update_fields=["state", "next_at", "problem", "reference", "finished_at"])
    _note_transfer(row, list(values_for(row.lead, row.system)), CONFIRMED, actor.label, now)
    _end_task(row, now)
    _settle(row, actor, now)
    outbox.cancel(TELL, row.id)
    _note(actor, "outside.told", row)


def _open_row(update: OutsideUpdate) -> OutsideUpdate:
    row = _locked(update.id)
    if row.state == UpdateState.SENT:
        raise Conflict(f"{row.system.name} has heard of it already.", code="sent")
    return row


def _note(actor: Actor, action: str, update: OutsideUpdate) -> None:
    detail = {"system": update.system.key, "stage": update.stage.key}
    ledger.record(actor=actor, action=action, object_type="lead", object_id=update.lead_id, detail=detail)
