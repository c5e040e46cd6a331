"""Celery doors of quality: importing the actions registers their wake-up; the beat asks for a run everywhere."""

from celery import shared_task

from apps.quality import actions


@shared_task(name="quality.run_all", ignore_result=True)
def run_all() -> int:
    """Ask for a run in every tenant."""
    return actions.ask_everywhere()
