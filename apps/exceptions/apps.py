"""App registration."""

from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    name = "apps.exceptions"

    def ready(self) -> None:
        """Check the rules about exceptions before they can rule, and read them aloud."""
        from apps.exceptions.decisions import check_document, sentences
        from apps.policies import registry

        registry.register_check("exceptions", check_document)
        registry.register_reader("exceptions", sentences)
