"""Seal what rests under an older key anew, while the product goes on writing.

Every bytes column of a tenant's table is a sealed one, except those that `NOT_SEALED` names, so none can be forgotten.
A batch is one transaction: its rows are read without a lock, sealed anew, and stored only where the column still holds
what was read. A row that somebody wrote meanwhile stays as they wrote it. Broken off, it is simply begun again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.timezone import now as clock

from apps.tenancy import tenant_keys
from apps.tenancy.models import TenantKey, TenantModel
from apps.tenancy.scope import tenant_scope
from apps.tenancy.sealing import newest_head, seal, unseal
from apps.tenancy.sealing_rows import unguarded
from apps.tenancy.wrapping import Wrapping, keeper

#: What a tenant publishes itself: the file of a download form.
NOT_SEALED = frozenset({("capture_asset", "data")})
#: A pass that finds nothing ends the work; what a transaction of before stored late is found by the next one.
MOST_PASSES = 10

Told = Callable[[str, int], None]


def _silent(column: str, rows: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many values of a column rest under a generation: of the tenant's `own` key, or of a derived one.

    `is_bound` to their column too.
    """

    column: str
    generation: int
    own: bool
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
                f"SELECT get_byte({column}, 0) = 0, CASE get_byte({column}, 0)"  # noqa: S608 (names of our own models)
                f" WHEN 0 THEN get_byte({column}, 1) * 256 + get_byte({column}, 2) ELSE get_byte({column}, 0) END,"
                f" count(*) FROM {table}"
                f" WHERE organization_id = %s AND {column} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
                [tenant],
            )
            for own, head, rows in cursor.fetchall():
                generation = head if own else head & 0x7F
                yield Count(f"{table}.{column}", generation, own, own or bool(head & 0x80), rows)


def rotate(connection: Any, tenant: UUID, *, batch: int, told: Told = _silent) -> int:
    """Give the tenant a key of a new generation and seal everything anew under it; return how many values were.

    A rotation that was broken off is taken up again, and makes no further generation. To be run as the owner.
    """
    with tenant_scope(tenant):
        if not TenantKey.rows().filter(rotated_at__isnull=True, destroyed_at__isnull=True).exists():
            tenant_keys.add_key(tenant)
    return rewrap(connection, tenant, batch=batch, told=told)


def rewrap(connection: Any, tenant: UUID, *, batch: int, told: Told = _silent, by: Wrapping | None = None) -> int:
    """Wrap the tenant's keys anew, and seal what is under an older key anew; return how many values were.

    `by` is who wraps, today's keeper without it; `told` hears of each batch: the column, and how many rows so far. To
    be run as the owner: tables that only grow let nobody else change a row. Raises CannotUnseal and CannotUnwrap
    without their key.
    """
    with tenant_scope(tenant):
        tenant_keys.wrap_anew(tenant, by or keeper())
    done = 0
    for _ in range(MOST_PASSES):
        found = sum(_column(connection, tenant, place, batch, told) for place in sealed_columns())
        done += found
        if not found:
            break
    with tenant_scope(tenant):
        newest = TenantKey.rows().order_by("-generation").first()
        if newest is not None and newest.rotated_at is None:
            TenantKey.rows().filter(id=newest.id).update(rotated_at=clock())
    return done


def _column(connection: Any, tenant: UUID, place: tuple[str, str], batch: int, told: Told) -> int:
    after, done = UUID(int=0), 0
    while True:
        with tenant_scope(tenant), unguarded(connection, place[0], tenant) as cursor:
            found, last = _batch(cursor, place, (tenant, after, batch))
        done += found
        if found:
            told(".".join(place), done)
        if last is None:
            return done
        after = last


def _batch(cursor: Any, place: tuple[str, str], part: tuple[UUID, UUID, int]) -> tuple[int, UUID | None]:
    (table, column), (tenant, after, size) = place, part
    head = newest_head(tenant)
    cursor.execute(
        f"SELECT id, {column} FROM {table} WHERE organization_id = %s AND id > %s AND {column} IS NOT NULL"  # noqa: S608
        f" AND substring({column} FROM 1 FOR %s) <> %s ORDER BY id LIMIT %s",
        [tenant, after, len(head), head, size],
    )
    rows, changes = cursor.fetchall(), []
    for row_id, kept in rows:
        at = {"organization_id": tenant, "row_id": row_id, "column": f"{table}.{column}"}
        changes.append([seal(unseal(bytes(kept), **at), **at), tenant, row_id, bytes(kept)])
    if changes:  # sent without waiting for each answer; the count is that of them all
        cursor.executemany(
            f"UPDATE {table} SET {column} = %s WHERE organization_id = %s AND id = %s AND {column} = %s",  # noqa: S608
            changes,
        )
    return (cursor.rowcount if changes else 0), rows[-1][0] if len(rows) == size else None
