"""App registration."""

from django.apps import AppConfig


class QualificationConfig(AppConfig):
    name = "apps.qualification"

    def ready(self) -> None:
        """Check scorecards, criteria and the rules of data quality before they can rule; read criteria aloud."""
        from apps.policies import registry
        from apps.qualification import consistency, criteria_document
        from apps.qualification.decisions import check_document

        registry.register_check("scoring", check_document)
        registry.register_check("quality", consistency.check_document)
        registry.register_check("criteria", criteria_document.check_document)
        registry.register_reader("criteria", criteria_document.sentences)
