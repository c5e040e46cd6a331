"""Celery doors of imports: importing the actions registers their wake-ups."""

from apps.imports import actions, undoing

__all__ = ["actions", "undoing"]
