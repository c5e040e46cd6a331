"""Celery doors of the ledger."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

from apps.audit.anchors import drop_anchors


@shared_task(name="audit.anchor", ignore_result=True)
def anchor() -> int:
    """Write down where the chains end."""
    return drop_anchors(Path(settings.LEADCRM_ANCHOR_FILE) if settings.LEADCRM_ANCHOR_FILE else None)
