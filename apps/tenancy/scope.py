"""In whose name the database is asked: one tenant, one transaction.

`tenant_scope` is the only way to tenant rows. It opens a transaction, tells PostgreSQL the tenant
with SET LOCAL (gone with the transaction, so pooled connections cannot carry it over), and at the
outermost exit runs the flushes that must be in the same commit (the audit chain).
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.tenancy.errors import NoTenantScope, Refused

OPENED_AT, STAMP = "opened_at", "stamp"
_current: ContextVar[UUID | None] = ContextVar("tenant_scope", default=None)
_memo: ContextVar[dict[Hashable, Any] | None] = ContextVar("scope_memo", default=None)
_before_commit: list[Callable[[], None]] = []
_on_rollback: list[Callable[[], None]] = []
_on_refusal: list[Callable[[UUID, Refused], None]] = []


def current_organization_id() -> UUID:
    """Return the tenant in scope; raise `NoTenantScope` outside one."""
    organization_id = _current.get()
    if organization_id is None:
        raise NoTenantScope("tenant rows are reachable only inside tenant_scope()")
    return organization_id


def organization_in_scope() -> UUID | None:
    """Return the tenant in scope, or None."""
    return _current.get()


def before_commit(hook: Callable[[], None]) -> None:
    """Register work that belongs to every scope's last moment before COMMIT."""
    _before_commit.append(hook)


def on_rollback(hook: Callable[[], None]) -> None:
    """Register work that forgets what a failed scope had collected."""
    _on_rollback.append(hook)


def on_refusal(hook: Callable[[UUID, Refused], None]) -> None:
    """Register the writer that notes a refused attempt after the rollback."""
    _on_refusal.append(hook)


def set_local(name: str, value: str) -> None:
    """Set a `leadcrm.*` variable until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def scope_memo() -> dict[Hashable, Any] | None:
    """Return what the scope remembers of its reads; None outside a scope."""
    return _memo.get()


def get_local(name: str) -> str:
    """Return a `leadcrm.*` variable of this transaction; empty when unset."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [name])
        return str(cursor.fetchone()[0])


@contextmanager
def tenant_scope(organization_id: UUID) -> Iterator[None]:
    """Run the block as this tenant in one transaction; nested use joins it as a savepoint.

    Raises NoTenantScope when a scope of another tenant is open: no code serves two at once.
    A `Refused` that leaves the outermost block is noted in the audit ledger in a transaction of
    its own, after the rollback, and goes on upwards.
    """
    outer = _current.get()
    if outer is not None:
        if outer != organization_id:
            raise NoTenantScope("a scope of another tenant is open")
        with transaction.atomic():
            yield
        return
    try:
        with _outermost(organization_id):
            yield
    except Refused as refusal:
        for hook in _on_refusal:
            hook(organization_id, refusal)
        raise


def _enter(organization_id: UUID) -> None:
    """Name the tenant to the database, and remember when that was and how old the settings are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT instant, stamp FROM leadcrm_enter(%s)", [organization_id])
        instant, stamp = cursor.fetchone()
    memo = scope_memo()
    if memo is not None:
        memo[OPENED_AT], memo[STAMP] = instant, stamp or 0


@contextmanager
def _outermost(organization_id: UUID) -> Iterator[None]:
    token, memo = _current.set(organization_id), _memo.set({})
    try:
        with transaction.atomic():
            _enter(organization_id)
            yield
            if not connection.needs_rollback:
                for hook in _before_commit:
                    hook()
    finally:
        for hook in _on_rollback:
            hook()
        _memo.reset(memo)
        _current.reset(token)
