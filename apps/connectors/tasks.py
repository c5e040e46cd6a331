"""Celery doors of connectors: importing them registers their wake-ups."""

from apps.connectors import fetching, heeding

__all__ = ["fetching", "heeding"]
