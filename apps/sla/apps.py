"""App registration."""

from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "apps.sla"

    def ready(self) -> None:
        """Check SLA policies before they can rule."""
        from apps.policies import registry
        from apps.sla.decisions import check_document

        registry.register_check("sla", check_document)
