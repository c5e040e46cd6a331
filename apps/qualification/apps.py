"""App registration."""

from django.apps import AppConfig


class QualificationConfig(AppConfig):
    name = "apps.qualification"

    def ready(self) -> None:
        """Check scorecards before they can rule."""
        from apps.qualification.decisions import check_document
        from apps.policies import registry

        registry.register_check("scoring", check_document)
