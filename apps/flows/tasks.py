"""Celery doors of the flows: importing the modules registers their wake-ups; the sweep is a task."""

from celery import shared_task

from apps.flows import (
    acknowledgement,
    alarms,
    alert_mails,
    batches,
    bulk,
    cadence_steps,
    chasing,
    collecting,
    day_queue,
    deliveries,
    escalation,
    expiring,
    intake,
    intents,
    leaving,
    outward,
    pausing,
    reevaluating,
    reminders,
    review_status,
    segments,
    sweeps,
    ticking,
)
from apps.flows.impact import runs

__all__ = [
    "acknowledgement",
    "alarms",
    "alert_mails",
    "batches",
    "bulk",
    "chasing",
    "cadence_steps",
    "collecting",
    "day_queue",
    "deliveries",
    "escalation",
    "expiring",
    "intake",
    "intents",
    "leaving",
    "outward",
    "pausing",
    "reevaluating",
    "reminders",
    "review_status",
    "runs",
    "segments",
    "sweep",
    "ticking",
]


@shared_task(name="flows.sweep", ignore_result=True)
def sweep() -> int:
    """Look for open leads without a next action or with an owner mismatch, in every tenant."""
    return sweeps.sweep_all()
