"""Seal what rests under an older master key anew, while the product goes on writing.

Every bytes column of a tenant's table is a sealed one, except those that `NOT_SEALED` names, so none can be forgotten.
A batch is one transaction: its rows are read without a lock, sealed anew, and stored only where the column still holds
what was read. A row that somebody wrote meanwhile stays as they wrote it, which is under the newest key already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps

from apps.tenancy.models import TenantModel
from apps.tenancy.sealing import newest_header, seal, unseal
from apps.tenancy.sealing_rows import unguarded

#: What a tenant publishes itself: the file of a download form.
NOT_SEALED = frozenset({("capture_asset", "data")})


@dataclass(frozen=True, slots=True)
class Count:
    """How many values of a column rest under a generation; `is_bound` to their column too."""

    column: str
    generation: int
    is_bound: bool
    rows: int


def sealed_columns() -> list[tuple[str, str]]:
    """Return table and column of everything that is sealed for a tenant."""
    return sorted(
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.concrete_fields
        if field.get_internal_type() == "BinaryField" and (model._meta.db_table, field.column) not in NOT_SEALED
    )


def counts(connection: Any, tenant: UUID) -> Iterator[Count]:
    """Count a tenant's values by column, generation and layout; nothing is opened."""
    for table, column in sealed_columns():
        with unguarded(connection, table, tenant) as cursor:
            cursor.execute(
                f"SELECT get_byte({column}, 0), count(*) FROM {table}"  # noqa: S608 (names of our own models)
                f" WHERE organization_id = %s AND {column} IS NOT NULL GROUP BY 1 ORDER BY 1",
                [tenant],
            )
            for header, rows in cursor.fetchall():
                yield Count(f"{table}.{column}", header & 0x7F, bool(header & 0x80), rows)


def rewrap(connection: Any, tenant: UUID, *, batch: int) -> int:
    """Seal a tenant's older values anew, column by column; return how many. Raises CannotUnseal without their key.

    To be run as the owner: tables that only grow let nobody else change a row.
    """
    return sum(_column(connection, tenant, table, column, batch) for table, column in sealed_columns())


def _column(connection: Any, tenant: UUID, table: str, column: str, batch: int) -> int:
    after, done = UUID(int=0), 0
    while True:
        with unguarded(connection, table, tenant) as cursor:
            found, last = _batch(cursor, (table, column), (tenant, after, batch))
        done += found
        if last is None:
            return done
        after = last


def _batch(cursor: Any, place: tuple[str, str], part: tuple[UUID, UUID, int]) -> tuple[int, UUID | None]:
    (table, column), (tenant, after, size) = place, part
    cursor.execute(
        f"SELECT id, {column} FROM {table} WHERE organization_id = %s AND id > %s AND {column} IS NOT NULL"  # noqa: S608
        f" AND get_byte({column}, 0) <> %s ORDER BY id LIMIT %s",
        [tenant, after, newest_header(), size],
    )
    rows, done = cursor.fetchall(), 0
    for row_id, kept in rows:
        at = {"organization_id": tenant, "row_id": row_id, "column": f"{table}.{column}"}
        anew = seal(unseal(bytes(kept), **at), **at)
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE organization_id = %s AND id = %s AND {column} = %s",  # noqa: S608
            [anew, tenant, row_id, bytes(kept)],
        )
        done += cursor.rowcount
    return done, rows[-1][0] if len(rows) == size else None
