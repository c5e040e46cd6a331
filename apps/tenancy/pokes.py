"""Pokes: what tells open pages, once per committed transaction, that something they may show has changed.

A poke holds opaque ids and a number that grows, never a value: the page asks for what it may see. Every
statement passes here on its way to the database, so no door can forget to poke; the tables are those whose
rows belong to a lead or a person (`live_column`). Reads do not poke, nor does a statement that changed no row.
Nobody waits for the broker: with it gone, pages ask by themselves every few seconds.
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any
from uuid import UUID

import structlog
from django.apps import apps
from django.db import transaction

from apps.tenancy.broker import broker
from apps.tenancy.scope import organization_in_scope

QUIET_SECONDS = 5.0
#: A transaction that changed more leads than this says "any" instead of naming them.
MOST_NAMED = 50
log = structlog.get_logger("pokes")

#: What the open scope has changed: ids of leads and people; None stands for a row whose lead is not known.
_changed: ContextVar[frozenset[UUID | None]] = ContextVar("pokes_changed", default=frozenset())
#: Of the row that is being saved: its lead or person. An update of three columns does not name them itself.
_saving: ContextVar[tuple[UUID | None] | None] = ContextVar("pokes_saving", default=None)
_quiet_until = 0.0
_WRITE = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
_COLUMNS = re.compile(r'\s*INSERT INTO\s+"?\w+"?\s*\(([^)]*)\)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a writing statement names the lead or person: positions in its parameters; `step` repeats them."""

    positions: tuple[int, ...]
    step: int = 0
    is_insert: bool = False


def channel_of(organization_id: UUID) -> str:
    """Return the broker's channel of one tenant; nothing else is ever published or heard on it."""
    return f"leadcrm:pokes:{organization_id}"


def watch_connection(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Let every statement of a new connection pass `watch`."""
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)


def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run the statement and note whom it changed."""
    result = execute(sql, params, many, context)
    if isinstance(sql, str) and not sql.startswith("SELECT") and organization_in_scope() is not None:
        place = _place_of(sql)
        if place is not None and context["cursor"].rowcount != 0:  # -1: sent in a pipeline, not known yet
            _changed.set(_changed.get() | _ids_at(place, params))
    return result


@contextmanager
def saving(row: Any) -> Iterator[None]:
    """Let the statements of a row's `save` stand for the lead or person that the row belongs to."""
    column = _columns().get(row._meta.db_table)
    token = _saving.set((getattr(row, column),) if column else None)
    try:
        yield
    finally:
        _saving.reset(token)


def flush() -> None:
    """Plan the one poke of this transaction. Called by the scope just before COMMIT."""
    organization_id, changed = organization_in_scope(), _changed.get()
    if organization_id is not None and changed:
        transaction.on_commit(partial(publish, organization_id, changed))


def forget() -> None:
    """Drop what a scope collected; called at its end, however it ended."""
    _changed.set(frozenset())


def publish(organization_id: UUID, changed: Iterable[UUID | None]) -> None:
    """Tell the tenant's open pages; never raises, and waits for a broker that is gone once in some seconds."""
    ids = sorted(str(each) for each in changed if each is not None)
    named = ids if ids and len(ids) <= MOST_NAMED else None
    _publish(organization_id, {"work": time.time_ns() // 1_000_000, "ids": named})


def publish_presence(organization_id: UUID, lead_id: UUID) -> None:
    """Tell a lead's open pages that somebody came to it, left it, or began to type; nothing of the lead changed."""
    _publish(organization_id, {"present": [str(lead_id)]})


def _publish(organization_id: UUID, message: dict[str, Any]) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        broker().publish(channel_of(organization_id), json.dumps(message, separators=(",", ":")))
    except Exception as error:  # a broker may fail in any way; the change is committed and stays
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("poke_failed", error=type(error).__name__)


@cache
def _columns() -> dict[str, str]:
    """Return, for each table whose rows belong to a lead or a person, the column that says to which."""
    found = {}
    for model in apps.get_models():
        held = {field.column for field in model._meta.concrete_fields}
        column = getattr(model, "live_column", "") or next((x for x in ("lead_id", "person_id") if x in held), "")
        if column:
            found[model._meta.db_table] = column
    return found


@lru_cache(maxsize=2000)
def _place_of(sql: str) -> Place | None:
    """Return where a statement names whom it changes; None when it changes no table that is watched."""
    write = _WRITE.match(sql)
    column = _columns().get(write[2]) if write else None
    if write is None or column is None:
        return None
    if write[1].upper() == "INSERT INTO":
        listed = _COLUMNS.match(sql)
        names = [name.strip(' "') for name in listed[1].split(",")] if listed else []
        if column not in names:
            return Place((), is_insert=True)
        return Place((names.index(column),), 0 if "UNNEST" in sql else len(names), is_insert=True)
    named = re.compile(rf'(?:"{write[2]}"\."{column}"|(?<!\.)"{column}") (?:= |IN \()(%s(?:, %s)*)')
    positions: list[int] = []
    for found in named.finditer(sql):
        first = sql.count("%s", 0, found.start(1))
        positions += range(first, first + found[1].count("%s"))
    return Place(tuple(positions))


def _ids_at(place: Place, params: Any) -> frozenset[UUID | None]:
    """Return the ids that stand at these places. A new row that names nobody yet is nobody's change."""
    given: Sequence[Any] = params if isinstance(params, list | tuple) else ()
    positions: Iterable[int] = place.positions
    if place.step:
        positions = range(place.positions[0], len(given), place.step)
    found: set[UUID | None] = set()
    for position in positions:
        value = given[position] if position < len(given) else None
        found.update(each for each in (value if isinstance(value, list) else [value]) if isinstance(each, UUID))
    row = _saving.get()
    if not found and row is not None:
        found.update(each for each in row if each is not None)
    elif not found and not place.is_insert:
        found.add(None)
    return frozenset(found)
