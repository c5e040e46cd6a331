"""Celery doors of outreach: importing the sender registers its wake-up."""

from apps.outreach import sending

__all__ = ["sending"]
