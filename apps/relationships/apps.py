"""App registration."""

from django.apps import AppConfig


class RelationshipsConfig(AppConfig):
    name = "apps.relationships"
