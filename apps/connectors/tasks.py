"""Celery doors of connectors: importing the fetcher registers its wake-up."""

from apps.connectors import fetching

__all__ = ["fetching"]
