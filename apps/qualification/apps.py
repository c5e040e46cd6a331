"""App registration."""

from django.apps import AppConfig


class QualificationConfig(AppConfig):
    name = "apps.qualification"

    def ready(self) -> None:
        """Check scorecards and the rules of data quality before they can rule."""
        from apps.policies import registry
        from apps.qualification import consistency
        from apps.qualification.decisions import check_document

        registry.register_check("scoring", check_document)
        registry.register_check("quality", consistency.check_document)
