"""App registration."""

from django.apps import AppConfig


class HandoffsConfig(AppConfig):
    name = "apps.handoffs"

    def ready(self) -> None:
        """Check handoff types before they can rule."""
        from apps.handoffs.decisions import check_document
        from apps.handoffs.terms import KIND
        from apps.policies import registry

        registry.register_check(KIND, check_document)
