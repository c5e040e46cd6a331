"""Celery doors of the outbox."""

import time

from celery import shared_task

from apps.tenancy.outbox import run_due
from apps.tenancy.wake import draining, heard, hint

BUDGET_SECONDS = 12.0


@shared_task(name="outbox.drain", ignore_result=True)
def drain() -> int:
    """Run due wake-ups until none is left or the time is up; return how many were claimed."""
    until = time.monotonic() + BUDGET_SECONDS
    total = 0
    heard()
    with draining():
        while time.monotonic() < until:
            claimed = run_due()
            total += claimed
            if not claimed:
                return total
    hint()  # out of time, not out of work
    return total
