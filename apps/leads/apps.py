"""App registration."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "apps.leads"

    def ready(self) -> None:
        """Check stage gates, and name the stages that rules may use."""
        from apps.leads.decisions import check_document
        from apps.leads.queries import stage_keys
        from apps.policies import registry

        registry.register_check("gates", check_document)
        registry.register_words("stages", stage_keys)
