"""Seal what stood in a clear column: for migrations, tenant by tenant and batch by batch.

They run as the owner. Under forced row-level security the owner too sees the rows of the tenant that is named alone,
so every tenant is named; and what is left in the clear at the end is counted, so that nothing is dropped unsealed.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.tenancy.sealing import seal_by_master

BATCH = 500
NAMED = "SELECT set_config('leadcrm.organization_id', %s, true)"
TENANTS = "SELECT DISTINCT organization_id FROM tenancy_address ORDER BY organization_id"
GUARDS = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'pgtrigger_%%'"
IGNORE = "SELECT set_config('pgtrigger.ignore', %s, true)"


class NotSealed(Exception):
    """Rows were left in the clear."""


@contextmanager
def unguarded(connection: Any, table: str, organization_id: UUID) -> Iterator[Any]:
    """Open a transaction of the owner in a tenant in which the table's own triggers let its rows be sealed anew."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(NAMED, [str(organization_id)])
        cursor.execute(GUARDS, [table])
        cursor.execute(IGNORE, ["{" + ",".join(name for (name,) in cursor.fetchall()) + "}"])
        yield cursor


def sealer(table: str, clear: str, sealed: str) -> Callable[[Any, Any], None]:
    """Return a migration's step that seals a clear column (text or jsonb) into the one beside it."""

    def seal_rows(_apps: Any, schema_editor: Any) -> None:
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            cursor.execute(TENANTS)
            tenants = [tenant for (tenant,) in cursor.fetchall()]
        for tenant in tenants:
            while _sealed_batch(connection, tenant, table, clear, sealed):
                pass

    return seal_rows


def _sealed_batch(connection: Any, tenant: UUID, table: str, clear: str, sealed: str) -> int:
    waiting = f"{sealed} IS NULL AND {clear} IS NOT NULL AND {clear}::text NOT IN ('', '{{}}', '[]', 'null')"
    select = (
        f"SELECT id, {clear} FROM {table} WHERE organization_id = %s AND {waiting}"  # noqa: S608 (our own names)
        f" ORDER BY id LIMIT {BATCH} FOR UPDATE"
    )
    update = f"UPDATE {table} SET {sealed} = %s WHERE id = %s"  # noqa: S608
    with unguarded(connection, table, tenant) as cursor:
        cursor.execute(select, [tenant])
        rows = cursor.fetchall()
        for row_id, words in rows:
            text = words if isinstance(words, str) else json.dumps(words, ensure_ascii=False)
            kept = seal_by_master(text.encode(), organization_id=tenant, row_id=row_id, column=f"{table}.{sealed}")
            cursor.execute(update, [kept, row_id])
            if cursor.rowcount != 1:
                raise NotSealed(f"{table} {row_id} could not be sealed.")
    return len(rows)
