"""Celery door of the reports: the beat lets them look at what went on."""

from celery import shared_task

from apps.reporting import marketing, watching


@shared_task(name="reporting.watch", ignore_result=True)
def watch() -> int:
    """Look at every tenant; return how many reviews were opened."""
    return watching.watch_all()


@shared_task(name="reporting.marketing", ignore_result=True)
def count_for_marketing() -> int:
    """Count every tenant's figures of marketing anew; return how many rows there are of the days looked at."""
    return marketing.count_all()
