"""Structured logs: lines with an allow-list of keys, so that no person's data gets in.

JSON for machines; `LEADCRM_LOG_FORMAT=plain` (set by `make run`) for people at a terminal. Of a
library's record only the unfilled message is kept: what would be filled in may be a person's.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    (
        "event",
        "level",
        "logger",
        "timestamp",
        "request_id",
        "organization_id",
        "actor",
        "kind",
        "row_id",
        "lead_id",
        "submission_id",
        "message_id",
        "timer_id",
        "task",
        "error",
        "attempts",
        "status",
        "method",
        "route",
        "seconds",
        "count",
        "verdict",
        "rule",
        "version",
        "exc_type",
        "where",
    )
)
SILENCED_BELOW = {
    logging.ERROR: ("django.request", "axes", "celery.app.trace", "kombu", "django.security"),
    logging.WARNING: ("celery.worker.strategy", "celery.beat", "_granian", "granian"),
}


def keep_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list; an exception leaves its class and place only."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exc_type"] = type(error).__name__
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        if trace:
            event["where"] = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
    return {key: value for key, value in event.items() if key in ALLOWED}


def keep_unfilled(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Show a library's message with its places unfilled."""
    record = event.get("_record")
    if record is not None and not event.get("_from_structlog"):
        event["event"] = str(record.msg)
    return event


def as_line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """Return an event as one line for people."""
    rest = {
        key: value for key, value in event.items() if key not in ("event", "timestamp", "level", "logger", "request_id")
    }
    level = str(event.get("level", ""))
    mark = f"{level.upper()} " if level in ("warning", "error", "critical") else ""
    words = " ".join(f"{key}={value}" for key, value in rest.items())
    return f"{mark}{event.get('event', '')} {words}".strip()


def configure(_: dict[str, Any]) -> None:
    """Send everything as lines to standard error; called by Django as LOGGING_CONFIG."""
    is_plain = os.environ.get("LEADCRM_LOG_FORMAT") == "plain"
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                keep_unfilled,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                keep_allowed,
                as_line if is_plain else structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for level, names in SILENCED_BELOW.items():
        for name in names:
            logging.getLogger(name).setLevel(level)
