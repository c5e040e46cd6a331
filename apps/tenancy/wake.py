"""The hint to the broker that something is due. Only a hint: the outbox row is the truth.

A dead broker costs half a second once; then the hints are left out for a few seconds, so that a
burst of posts does not wait for it again and again. While a hint waits unheard, a second one would say
nothing new: the worker that hears it looks for everything that is due at that moment.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from celery import current_app

from apps.tenancy.broker import broker

QUIET_SECONDS = 5.0
UNHEARD, UNHEARD_MILLISECONDS = "leadcrm:hint", 2_000
log = structlog.get_logger("wake")
_quiet_until = 0.0
_is_draining: ContextVar[bool] = ContextVar("is_draining", default=False)


@contextmanager
def draining() -> Iterator[None]:
    """Give no hints inside: who empties the outbox looks again until nothing is left."""
    token = _is_draining.set(True)
    try:
        yield
    finally:
        _is_draining.reset(token)


def hint() -> None:
    """Tell a worker to look at the outbox; never raises, never waits longer than the socket limit.

    A hint that the broker lost is missed for two seconds at most; then the next one is sent again.
    """
    global _quiet_until
    if _is_draining.get() or time.monotonic() < _quiet_until:
        return
    try:
        if broker().set(UNHEARD, 1, nx=True, px=UNHEARD_MILLISECONDS):
            current_app.send_task("outbox.drain", ignore_result=True, retry=False, expires=60)
    except Exception as error:  # a broker may fail in any way; capture must not
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("hint_failed", error=type(error).__name__)


def heard() -> None:
    """Say, before looking, that the next hint is news again; never raises."""
    try:
        broker().delete(UNHEARD)
    except Exception as error:  # the mark goes away by itself
        log.warning("hint_not_cleared", error=type(error).__name__)
