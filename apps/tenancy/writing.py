"""Store new rows of many tables in one go.

A lead's first steps write some forty rows in fifteen tables. Stored one by one they cost a trip to the
database each; inside `gathering()` they wait for the block's end and travel together. Only for new rows that
nothing in the block reads back.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

Before = tuple[str, list[Any]]
_LENGTH = re.compile(r"\(\d+(,\s*\d+)?\)")
_gathered: ContextVar[list[Model] | None] = ContextVar("gathered_rows", default=None)


def insert(*rows: Model) -> None:
    """Store new rows: now, or together with the others at the end of the `gathering()` that we are in.

    Every row has its own key already (our keys are made here, not by the database); columns that the
    database would compute are not read back.
    """
    gathered = _gathered.get()
    if gathered is None:
        insert_now(rows)
    else:
        gathered.extend(rows)


@contextmanager
def gathering() -> Iterator[None]:
    """Let `insert` wait until the end of the block; a block that fails stores nothing of it."""
    rows: list[Model] = []
    token = _gathered.set(rows)
    try:
        yield
    finally:
        _gathered.reset(token)
    insert_now(rows)


def insert_now(rows: Sequence[Model], before: Before = ("", [])) -> None:
    """Store new rows at once: a statement a table, in the order in which the tables first appear.

    The statements are sent without waiting for each other. `before` is a WITH clause and its values, for rows
    of one table.
    """
    tables: dict[type[Model], list[Model]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    if not tables:
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.cursor() as cursor, connection.connection.pipeline():
        for model, own in tables.items():
            start, marks, values_of = _plan(model)
            values = [each for row in own for each in values_of(row)]
            cursor.execute(before[0] + start + ", ".join([marks] * len(own)), [*before[1], *values])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def selection_of(row: Model) -> tuple[str, str, list[Any]]:
    """Return a new row as what `INSERT INTO ... (columns) SELECT marks` needs: columns, typed marks, values.

    For statements that store the row only under a condition. The types carry no length: a cast to `varchar(20)` would
    cut a longer text silently, where storing it has to fail.
    """
    names, marks, values_of = _columns(type(row))
    return names, marks, values_of(row)


@cache
def _columns(model: type[Model]) -> tuple[str, str, Callable[[Model], list[Any]]]:
    fields = model._meta.concrete_fields
    names = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    marks = ", ".join(f"%s::{_LENGTH.sub('', field.db_type(connection) or '')}" for field in fields)
    return names, marks, _values_of(fields)


@cache
def _plan(model: type[Model]) -> tuple[str, str, Callable[[Model], list[Any]]]:
    """Return the statement's start, the marks of one row, and how a row gives its values."""
    names, _marks, values_of = _columns(model)
    marks = f"({', '.join(['%s'] * len(model._meta.concrete_fields))})"
    table = connection.ops.quote_name(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ", marks, values_of  # noqa: S608 (names of our own models)


def _values_of(fields: "Sequence[Field[Any, Any]]") -> Callable[[Model], list[Any]]:
    def values_of(row: Model) -> list[Any]:
        return [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]

    return values_of
