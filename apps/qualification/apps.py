"""App registration."""

from django.apps import AppConfig


class QualificationConfig(AppConfig):
    name = "apps.qualification"

    def ready(self) -> None:
        """Check scorecards, criteria, data quality and intake work before they can rule; read some aloud."""
        from apps.policies import registry
        from apps.qualification import consistency, criteria_document, intake_document
        from apps.qualification.decisions import check_document

        registry.register_check("scoring", check_document)
        registry.register_check("quality", consistency.check_document)
        registry.register_check("criteria", criteria_document.check_document)
        registry.register_reader("criteria", criteria_document.sentences)
        registry.register_check(intake_document.INTAKE, intake_document.check_document)
        registry.register_reader(intake_document.INTAKE, intake_document.sentences)
