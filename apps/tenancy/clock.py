"""The one clock: the database's.

Web servers and workers disagree by minutes now and then; deadlines must not. Every door asks
here once and passes `now` down. For rehearsals and tests `travelling` moves the answer of this
process, and LEADCRM_CLOCK_SHIFT_SECONDS that of a whole run (refused outside demo runs).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.db import connection

from apps.tenancy.scope import OPENED_AT, scope_memo

_SHIFT = timedelta(seconds=float(os.environ.get("LEADCRM_CLOCK_SHIFT_SECONDS", "0")))
_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=_SHIFT)
_fixed: ContextVar[datetime | None] = ContextVar("clock_fixed", default=None)


def database_now() -> datetime:
    """Return the database server's present instant, aware, in UTC."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    return as_now(row[0])


def scope_opened_at() -> datetime:
    """Return the instant at which the scope that we are in was opened: `now` for all that it does."""
    memo = scope_memo()
    instant = memo.get(OPENED_AT) if memo is not None else None
    return as_now(instant) if instant is not None else database_now()


def as_now(instant: datetime) -> datetime:
    """Return an instant that the database gave, as this run tells the time."""
    fixed = _fixed.get()
    return fixed if fixed is not None else instant.astimezone(UTC) + _offset.get()


def time_shown() -> tuple[datetime | None, timedelta]:
    """Return what a statement needs that tells the time itself: the instant that stands still, and the shift."""
    return _fixed.get(), _offset.get()


@contextmanager
def travelling(*, by: timedelta | None = None, to: datetime | None = None) -> Iterator[None]:
    """Answer another time inside the block: shifted `by` an interval, or standing still at `to`."""
    offset = _offset.set(by or timedelta())
    fixed = _fixed.set(to.astimezone(UTC) if to else None)
    try:
        yield
    finally:
        _offset.reset(offset)
        _fixed.reset(fixed)
