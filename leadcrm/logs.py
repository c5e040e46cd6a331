"""Structured logs: JSON lines with an allow-list of keys, so that no person's data gets in."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    "event level logger timestamp request_id organization_id actor kind row_id lead_id submission_id"
    " message_id timer_id task error attempts status method route seconds count verdict rule version"
    " exc_type where".split()
)


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


def configure(_: dict[str, Any]) -> None:
    """Send everything as JSON lines to standard error; called by Django as LOGGING_CONFIG."""
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
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                keep_allowed,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("django.request", "axes", "celery.app.trace", "kombu", "django.security"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
