"""Celery doors of the chat: importing them registers their wake-ups."""

from apps.chat import actions

__all__ = ["actions"]
