"""Settings that are read with every lead, kept in memory until somebody changes them.

A trigger counts the tenant's stamp up with every change of a settings table. A read is remembered for
the scope, and across scopes in this process for as long as the stamp stays. What a transaction read
after changing settings itself is never kept beyond it.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pgtrigger
from django.db import connection

from apps.tenancy.scope import STAMP, current_organization_id, get_local, scope_memo

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

MOST_KEPT = 20_000
_kept: dict[Hashable, tuple[int, Any]] = {}


def stamped() -> pgtrigger.Trigger:
    """Return the trigger of a settings table: each statement that changes it moves the tenant's stamp."""
    return pgtrigger.Trigger(
        name="moves_stamp",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func="""
            INSERT INTO tenancy_counter (id, organization_id, name, value)
            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o
             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid
            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;
            PERFORM set_config('leadcrm.settings_changed', '1', true);
            RETURN NULL;
        """,
    )


def settings_read(read: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a read of settings reach the database only after a change. Its result must not be altered."""

    @wraps(read)
    def remembered(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        memo = scope_memo()
        if memo is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(sorted(kwargs.items())))
        if key not in memo:
            memo[key] = _kept_or_read(memo, key, lambda: read(*args, **kwargs))
        found: Result = memo[key]
        return found

    return remembered


def forget_reads() -> None:
    """Read settings anew in this scope; called after a change of them."""
    memo = scope_memo()
    if memo is not None:
        memo.clear()


def _kept_or_read(memo: dict[Hashable, Any], key: Hashable, read: Callable[[], Any]) -> Any:
    if STAMP not in memo:
        memo[STAMP] = _read_stamp()
    stamp, shared = memo[STAMP], (current_organization_id(), key)
    kept = _kept.get(shared)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    value = read()
    if not _changed_here():
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[shared] = (stamp, value)
    return value


def _changed_here() -> bool:
    """Say whether this transaction changed settings: what it reads may be rolled back."""
    return get_local("leadcrm.settings_changed") == "1"


def _read_stamp() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value FROM tenancy_counter WHERE organization_id = %s AND name = 'settings'",
            [current_organization_id()],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
