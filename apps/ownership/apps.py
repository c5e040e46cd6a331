"""App registration."""

from django.apps import AppConfig


class OwnershipConfig(AppConfig):
    name = "apps.ownership"

    def ready(self) -> None:
        """Check the ownership matrix before they can rule."""
        from apps.ownership.decisions import check_document
        from apps.policies import registry

        registry.register_check("ownership", check_document)
