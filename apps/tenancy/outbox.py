"""The outbox: what must happen after a commit, kept as rows that outlive every crash.

An action calls `enqueue` inside its transaction. After commit the broker gets a hint; if the
broker is dead or frozen, nothing is lost: the sweeper claims what is due. A handler re-reads the
state, locks, checks and acts, so that running late or twice does no harm.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction

from apps.tenancy import wake
from apps.tenancy.clock import database_now, scope_opened_at
from apps.tenancy.failpoints import failpoint
from apps.tenancy.models import Wakeup
from apps.tenancy.scope import current_organization_id, tenant_scope

LEASE = timedelta(seconds=25)
MAX_ATTEMPTS = 5
#: So many wake-ups of one kind are worked on together, where their kind has a handler of many.
MOST_TOGETHER = 500
log = structlog.get_logger("outbox")

Handle = Callable[[UUID, datetime], None]
OwnScopeHandle = Callable[[UUID, UUID, datetime], None]
BatchHandle = Callable[[Sequence[UUID], datetime], Collection[UUID]]


_handlers: dict[str, Handle] = {}
_own_scope_handlers: dict[str, OwnScopeHandle] = {}
_batch_handlers: dict[str, BatchHandle] = {}


def handler(kind: str) -> Callable[[Handle], Handle]:
    """Register `(row_id, now)` for a kind; it runs inside the tenant's scope, in one transaction."""

    def register(handle: Handle) -> Handle:
        _handlers[kind] = handle
        return handle

    return register


def batch_handler(kind: str) -> Callable[[BatchHandle], BatchHandle]:
    """Register `(row_ids, now)` for many wake-ups of a kind and tenant at once, in one transaction.

    It returns the rows that it settled. The others, and all of them when it fails, go to the kind's handler of one.
    """

    def register(handle: BatchHandle) -> BatchHandle:
        _batch_handlers[kind] = handle
        return handle

    return register


def own_scope_handler(kind: str) -> Callable[[OwnScopeHandle], OwnScopeHandle]:
    """Register `(organization_id, row_id, now)` for a kind that talks to the outside world.

    It opens scopes of its own, so that no network call happens inside a transaction.
    """

    def register(handle: OwnScopeHandle) -> OwnScopeHandle:
        _own_scope_handlers[kind] = handle
        return handle

    return register


def enqueue(kind: str, row_id: UUID, *, due_at: datetime | None = None) -> None:
    """Ask that `row_id` be looked at, now or at `due_at`. One wake-up per (tenant, kind, row).

    A second request moves the time. After commit a due wake-up is hinted to the broker.
    """
    enqueue_at(kind, [(row_id, due_at or database_now())])
    if due_at is None:
        transaction.on_commit(wake.hint)


def enqueue_at(kind: str, times: Sequence[tuple[UUID, datetime]]) -> None:
    """Ask that each row be looked at at its time; one statement for all, and no hint."""
    if not times:
        return
    row_ids, instants = zip(*times, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenancy_wakeup (organization_id, kind, row_id, due_at, attempts, last_error, created_at)"
            " SELECT %s, %s, row_id, due_at, 0, '', now() FROM unnest(%s::uuid[], %s::timestamptz[])"
            " AS asked(row_id, due_at)"
            " ON CONFLICT (organization_id, kind, row_id) DO UPDATE SET due_at = EXCLUDED.due_at,"
            " attempts = 0, parked_at = NULL, lease_until = NULL, last_error = ''",
            [current_organization_id(), kind, list(row_ids), list(instants)],
        )


def enqueue_many(kind: str, row_ids: Sequence[UUID]) -> None:
    """Ask that each row be looked at now; one statement and one hint for all."""
    if not row_ids:
        return
    organization_id, now = current_organization_id(), database_now()
    Wakeup.objects.bulk_create(
        [
            Wakeup(organization_id=organization_id, kind=kind, row_id=row_id, due_at=now, created_at=now)
            for row_id in row_ids
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(wake.hint)


def is_asked(kind: str, row_id: UUID) -> bool:
    """Whether a wake-up of this row is still to come."""
    return Wakeup.objects.filter(organization_id=current_organization_id(), kind=kind, row_id=row_id).exists()


def cancel(kind: str, row_id: UUID) -> None:
    """Forget the wake-up of this row, if there is one."""
    Wakeup.objects.filter(organization_id=current_organization_id(), kind=kind, row_id=row_id).delete()


def claim(limit: int, *, organization_id: UUID | None = None, kind: str | None = None) -> list[Wakeup]:
    """Lease up to `limit` due wake-ups, of one kind or of all, earliest first; other workers skip them meanwhile."""
    now = database_now()
    claimed = Wakeup.objects.raw(
        "UPDATE tenancy_wakeup SET lease_until = %(until)s, attempts = attempts + 1 WHERE id IN ("
        "SELECT id FROM tenancy_wakeup WHERE parked_at IS NULL AND due_at <= %(now)s"
        " AND (lease_until IS NULL OR lease_until < %(now)s)"
        " AND (%(organization_id)s::uuid IS NULL OR organization_id = %(organization_id)s)"
        " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
        " ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) RETURNING *",
        {"until": now + LEASE, "now": now, "limit": limit, "organization_id": organization_id, "kind": kind},
    )
    return sorted(claimed, key=lambda each: each.due_at)


def run(wakeup: Wakeup) -> bool:
    """Run one claimed wake-up. Return False when its handler failed; it is then due again later.

    The wake-up disappears in the handler's own transaction, unless it was asked for anew meanwhile.
    After `MAX_ATTEMPTS` failures it is parked with the name of the error.
    """
    try:
        if wakeup.kind in _own_scope_handlers:
            _own_scope_handlers[wakeup.kind](wakeup.organization_id, wakeup.row_id, database_now())
            failpoint("outbox.before_mark")
            _finish([wakeup])
        else:
            with tenant_scope(wakeup.organization_id):
                _handlers[wakeup.kind](wakeup.row_id, scope_opened_at())
                _finish([wakeup])
                failpoint("outbox.before_commit")
            failpoint("outbox.after_commit")
    except Exception as error:  # any failure of one row must not stop the others
        _postpone(wakeup, error)
        return False
    return True


def run_due(limit: int = 10, *, organization_id: UUID | None = None) -> int:
    """Claim and run one batch; return how many wake-ups were claimed.

    Where it is full and holds wake-ups of a kind that is worked on together, more of that kind and tenant join them.
    """
    batch = claim(limit, organization_id=organization_id)
    failpoint("outbox.claimed")
    together = {(each.kind, each.organization_id): [each] for each in reversed(batch) if each.kind in _batch_handlers}
    if len(batch) == limit:
        for (kind, tenant), joined in together.items():
            joined[:] = [each for each in batch if (each.kind, each.organization_id) == (kind, tenant)]
            joined += claim(MOST_TOGETHER - len(joined), organization_id=tenant, kind=kind)
    many = [each for each in together.values() if len(each) > 1]
    left = [each for joined in many for each in run_together(joined)]
    taken = {each.id for joined in many for each in joined}
    alone = [each for each in batch if each.id not in taken] + left
    for wakeup in sorted(alone, key=lambda each: each.due_at):
        run(wakeup)
    return len(taken | {each.id for each in batch})


def run_together(wakeups: Sequence[Wakeup]) -> list[Wakeup]:
    """Run claimed wake-ups of one kind and tenant in one transaction; return those that are left to be run alone."""
    kind, organization_id = wakeups[0].kind, wakeups[0].organization_id
    try:
        with tenant_scope(organization_id):
            settled = set(_batch_handlers[kind]([each.row_id for each in wakeups], scope_opened_at()))
            done = [each for each in wakeups if each.row_id in settled]
            _finish(done)
            failpoint("outbox.before_commit")
    except Exception as error:  # one row that fails must not stop the others: each is tried alone
        log.warning("batch_failed", kind=kind, count=len(wakeups), error=type(error).__name__, exc_info=error)
        return list(wakeups)
    failpoint("outbox.after_commit")
    return [each for each in wakeups if each.row_id not in settled]


def replay(wakeup_id: int) -> None:
    """Put a parked wake-up back in line."""
    Wakeup.objects.filter(id=wakeup_id).update(parked_at=None, lease_until=None, attempts=0, due_at=database_now())


def _finish(wakeups: Sequence[Wakeup]) -> None:
    """Forget wake-ups that were run; one that was asked for anew meanwhile has another lease and stays."""
    for lease in {each.lease_until for each in wakeups}:
        ids = [each.id for each in wakeups if each.lease_until == lease]
        Wakeup.objects.filter(id__in=ids, lease_until=lease).delete()


def _postpone(wakeup: Wakeup, error: Exception) -> None:
    now = database_now()
    name = type(error).__name__
    log.warning(
        "wakeup_failed",
        kind=wakeup.kind,
        row_id=str(wakeup.row_id),
        error=name,
        attempts=wakeup.attempts,
        exc_info=error,
    )
    parked = now if wakeup.attempts >= MAX_ATTEMPTS else None
    Wakeup.objects.filter(id=wakeup.id, lease_until=wakeup.lease_until).update(
        parked_at=parked,
        lease_until=None,
        due_at=now + timedelta(seconds=2**wakeup.attempts),
        last_error=name,
    )
