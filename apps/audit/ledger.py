"""Write to the ledger: collected during a scope, chained and stored just before its commit.

The chain's head is locked last and for a moment only, so that the ledger neither deadlocks nor
serialises the work before it. If the entries cannot be stored, the act itself fails.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.audit.chain import link
from apps.audit.models import AuditEntry
from apps.tenancy.actor import Actor
from apps.tenancy.clock import as_now
from apps.tenancy.errors import Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id, tenant_scope
from apps.tenancy.writing import insert_now

_pending: ContextVar[tuple[AuditEntry, ...]] = ContextVar("audit_pending", default=())
_actor: ContextVar[Actor | None] = ContextVar("audit_actor", default=None)


def acting(actor: Actor | None) -> None:
    """Remember who acts, for refusals that are noted after the rollback."""
    _actor.set(actor)


def record(
    *,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: UUID | None,
    fields: Iterable[str] = (),
    detail: Mapping[str, Any] | None = None,
    event_id: UUID | None = None,
) -> None:
    """Note an act in the ledger, in the same transaction as the act.

    `detail` holds ids, keys and counts only; `event_id` ties the changes of one act together.
    """
    entry = AuditEntry(
        organization_id=current_organization_id(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        party_id=actor.party_id,
        door=actor.door,
        action=action,
        object_type=object_type,
        object_id=object_id,
        fields=list(fields),
        detail=dict(detail or {}),
        event_id=event_id,
        request_id=actor.request_id,
    )
    _pending.set((*_pending.get(), entry))


def record_read(*, actor: Actor, what: str, object_ids: Iterable[UUID], fields: Iterable[str] = ()) -> None:
    """Note that a person's data was shown: one entry for one page, however many rows it lists."""
    ids = [str(each) for each in object_ids]
    if not ids:
        return
    single = UUID(ids[0]) if len(ids) == 1 else None
    record(
        actor=actor,
        action=f"{what}.read",
        object_type=what,
        object_id=single,
        fields=fields,
        detail={} if single else {"ids": ids},
    )


def flush() -> None:
    """Chain and store what was collected. Called by the scope just before COMMIT."""
    entries = _pending.get()
    if not entries:
        return
    _pending.set(())
    seq, last, now = _locked_head()
    for entry in entries:
        seq += 1
        entry.at, entry.seq, entry.previous_hash = now, seq, last
        last = entry.hash = link(entry)
    insert_now(entries, _beside(entries, seq, last))


def _beside(entries: Iterable[AuditEntry], seq: int, last: str) -> tuple[str, list[Any]]:
    """Return what goes with the entries in one statement: the chain's new end, and what their lists showed."""
    tenant = current_organization_id()
    clause = "WITH moved AS (UPDATE audit_audithead SET seq = %s, hash = %s WHERE organization_id = %s)"
    values: list[Any] = [seq, last, tenant]
    listed = [(UUID(each), entry.seq) for entry in entries for each in dict.fromkeys(ids_of_list(entry))]
    if listed:
        clause += (
            ", listed AS (INSERT INTO audit_auditsubject (id, organization_id, subject_id, seq)"
            " SELECT new.id, %s, new.subject, new.seq"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS new(id, subject, seq))"
        )
        subjects, numbers = zip(*listed, strict=True)
        values += [tenant, [new_id() for _each in listed], list(subjects), list(numbers)]
    return f"{clause} ", values


def ids_of_list(entry: AuditEntry) -> list[str]:
    """Return the ids of what a list showed at once; none for the read of a single thing."""
    return list(entry.detail.get("ids", ())) if entry.action.endswith(".read") else []


def _locked_head() -> tuple[int, str, datetime]:
    """Return number and hash of the chain's end, locked until the commit, and the instant after the lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, hash, instant FROM leadcrm_audit_head(%s, %s)", [current_organization_id(), new_id()]
        )
        seq, last, instant = cursor.fetchone()
    return int(seq), str(last), as_now(instant)


def forget_reads() -> None:
    """Drop the reads that a scope noted: the page turned out to show nothing that the reader did not have."""
    _pending.set(tuple(entry for entry in _pending.get() if not entry.action.endswith(".read")))


def forget() -> None:
    """Drop what a scope collected but did not commit."""
    _pending.set(())


@contextmanager
def unrecorded() -> Iterator[None]:
    """Forget what is noted inside: for work that is rehearsed and undone."""
    kept = _pending.get()
    try:
        yield
    finally:
        _pending.set(kept)


def record_refusal(organization_id: UUID, refusal: Refused) -> None:
    """Note a refused attempt in a transaction of its own, after the attempt was rolled back."""
    actor = _actor.get()
    if actor is None or actor.organization_id != organization_id:
        return
    with tenant_scope(organization_id):
        record(
            actor=actor,
            action=f"refused:{refusal.action or 'act'}",
            object_type=refusal.object_type,
            object_id=refusal.object_id,
            fields=refusal.fields,
            detail={"code": refusal.code},
        )
