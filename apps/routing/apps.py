"""App registration."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "apps.routing"

    def ready(self) -> None:
        """Check routing layers before they can rule."""
        from apps.policies import registry
        from apps.routing.decisions.checks import check_document
        from apps.routing.hits import rule_hits

        registry.register_check("routing", check_document)
        registry.register_hits("routing", rule_hits)
