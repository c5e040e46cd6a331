"""App registration."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "apps.consent"

    def ready(self) -> None:
        """Check contact rules before they can rule."""
        from apps.consent.decisions import check_document
        from apps.policies import registry

        registry.register_check("contact", check_document)
