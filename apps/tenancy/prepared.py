"""A statement of many parts, put together once: afterwards only its values are filled in.

The ORM takes longer to put a statement of forty sub-selects together than the database to answer it. What differs
between two askings is a handful of ids and instants, so these are marked when the statement is first built.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from apps.tenancy.scope import current_organization_id

_MARKS: dict[type, Callable[[int], Any]] = {
    UUID: lambda n: uuid4(),
    datetime: lambda n: datetime(1800, 1, 1, tzinfo=UTC) + timedelta(hours=n, microseconds=n),
}
_TENANT = "organization_id"

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Statement:
    """The text, its parameters with the names of those that differ, and how a row is read."""

    text: str
    given: tuple[tuple[str, Any], ...]
    compiler: SQLCompiler
    names: tuple[str, ...]


def prepared(**kinds: type) -> Callable[[Callable[..., QuerySet[Any, Any]]], Callable[..., Rows]]:
    """Let a function that builds a queryset of `values()` build it once in this process, and return its rows.

    `kinds` names its arguments, all by keyword: `UUID` or `datetime`. They go into the statement as they are: what the
    function computes from them, or decides by them, is refused with ValueError. The tenant in scope is always filled
    in anew.
    """

    def of(build: Callable[..., QuerySet[Any, Any]]) -> Callable[..., Rows]:
        kept: list[_Statement] = []

        @wraps(build)
        def asked(**values: Any) -> Rows:
            if not kept:
                kept.append(_put_together(build, kinds))
            return _ask(kept[0], {**values, _TENANT: current_organization_id()})

        return asked

    return of


def _put_together(build: Callable[..., QuerySet[Any, Any]], kinds: Mapping[str, type]) -> _Statement:
    marks = {name: _MARKS[kind](n) for n, (name, kind) in enumerate(kinds.items(), 1)}
    query = build(**marks).query
    compiler = query.get_compiler("default")
    text, parameters = compiler.as_sql()
    named = {value: name for name, value in marks.items()} | {current_organization_id(): _TENANT}
    given = tuple((named.get(each, "") if type(each) in _MARKS else "", each) for each in parameters)
    strange = [each for name, each in given if not name and type(each) in _MARKS]
    unused = set(marks) - {name for name, _ in given}
    if strange or unused:
        raise ValueError(f"{build.__name__}: {strange} is in the statement and no argument; {unused} is not in it.")
    return _Statement(text, given, compiler, (*query.annotation_select,))


def _ask(statement: _Statement, values: Mapping[str, Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, [values[name] if name else each for name, each in statement.given])
        found = cursor.fetchall()
    return [dict(zip(statement.names, row, strict=True)) for row in statement.compiler.results_iter([found])]
