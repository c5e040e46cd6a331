"""App registration."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "apps.flows"

    def ready(self) -> None:
        """Look again at words that nobody knew when a mapping begins to rule."""
        from apps.catalog.terms import REREAD
        from apps.policies import registry

        registry.register_wakeup("mapping", REREAD)
