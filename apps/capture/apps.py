"""App registration."""

from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "apps.capture"

    def ready(self) -> None:
        """Check validity checks and mappings before they can rule; mappings have sentences of their own."""
        from apps.capture import mapping_document
        from apps.capture.decisions import check_document
        from apps.policies import registry

        registry.register_check("validity", check_document)
        registry.register_check("mapping", mapping_document.check_document)
        registry.register_reader("mapping", mapping_document.sentences)
