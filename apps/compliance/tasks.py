"""Celery doors of compliance: importing the modules registers their wake-ups; the watch is a task."""

from celery import shared_task

from apps.compliance import breach, recordings, retention, unusual

__all__ = ["breach", "recordings", "retention", "watch"]


@shared_task(name="compliance.watch", ignore_result=True)
def watch() -> int:
    """Look for unusual access, in every tenant."""
    return unusual.watch_every_tenant()
