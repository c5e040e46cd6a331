"""App registration."""

from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "apps.capture"

    def ready(self) -> None:
        """Check validity checks before they can rule."""
        from apps.capture.decisions import check_document
        from apps.policies import registry

        registry.register_check("validity", check_document)
