"""Celery doors of connectors: importing them registers their wake-ups."""

from apps.connectors import fetching, heeding, held

__all__ = ["fetching", "heeding", "held"]
