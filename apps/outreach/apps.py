"""App registration."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "apps.outreach"
