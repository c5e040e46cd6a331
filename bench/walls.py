"""Tables without what guards each row, for the time of a bulk copy; all of it stands again afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString, cast

import psycopg
from psycopg import sql

_KEYS = (
    "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c"
    " WHERE c.contype = 'f' AND c.conrelid = ANY(%s::regclass[]::oid[])"
)


@contextmanager
def walls_down(connection: "psycopg.Connection[tuple[object, ...]]", tables: Sequence[str]) -> Iterator[None]:
    """Put triggers, foreign keys and row security of the owner's tables aside, and back after the block.

    The keys come back unchecked for the rows that are there, and hold for each row that is written from then on.
    """
    keys = connection.execute(_KEYS, [list(tables)]).fetchall()
    for table in tables:
        _alter(connection, table, "DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY")
    for table, name, _ in keys:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*map(_named, (table, name))))
    yield
    for table, name, definition in keys:
        text = str(definition).removesuffix(" NOT VALID")
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID").format(
                *map(_named, (table, name)), sql.SQL(cast(LiteralString, text))
            )
        )
    for table in tables:
        _alter(connection, table, "ENABLE TRIGGER USER, FORCE ROW LEVEL SECURITY")


def _alter(connection: "psycopg.Connection[tuple[object, ...]]", table: str, change: LiteralString) -> None:
    connection.execute(sql.SQL("ALTER TABLE {} ").format(sql.Identifier(table)) + sql.SQL(change))


def _named(name: object) -> sql.Identifier:
    return sql.Identifier(str(name))
