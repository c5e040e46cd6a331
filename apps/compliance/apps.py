"""App registration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    name = "apps.compliance"

    def ready(self) -> None:
        """Make the owner's function that erases after each migrate."""
        from apps.compliance.erasure_function import create_after_migrate

        post_migrate.connect(create_after_migrate, sender=self, dispatch_uid="compliance.erase")
