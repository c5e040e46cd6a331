"""Celery door of the reports: the beat lets them look at what went on."""

from celery import shared_task

from apps.reporting import watching


@shared_task(name="reporting.watch", ignore_result=True)
def watch() -> int:
    """Look at every tenant; return how many reviews were opened."""
    return watching.watch_all()
