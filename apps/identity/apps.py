"""App registration."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "apps.identity"

    def ready(self) -> None:
        """Check duplicate rules before they can rule."""
        from apps.identity.decisions.documents import check_document
        from apps.policies import registry

        registry.register_check("duplicates", check_document)
