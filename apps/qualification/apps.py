"""App registration."""

from django.apps import AppConfig


class QualificationConfig(AppConfig):
    name = "apps.qualification"

    def ready(self) -> None:
        """Check scorecards before they can rule."""
        from apps.policies import registry
        from apps.qualification.decisions import check_document

        registry.register_check("scoring", check_document)
