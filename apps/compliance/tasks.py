"""Celery doors of compliance: importing the modules registers their wake-ups."""

from apps.compliance import breach

__all__ = ["breach"]
