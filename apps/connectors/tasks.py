"""Celery doors of connectors: importing them registers their wake-ups."""

from apps.connectors import dialling, fetching, heeding, held

__all__ = ["dialling", "fetching", "heeding", "held"]
