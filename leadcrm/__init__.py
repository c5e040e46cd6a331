"""leadcrm: settings, addresses and the processes around the apps."""

from leadcrm.celery import app as celery_app

__all__ = ["celery_app"]
