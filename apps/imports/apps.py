"""App registration."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "apps.imports"

    def ready(self) -> None:
        """Keep the inquiries of a team's own lists from everybody else."""
        from apps.capture.sight import Sight, register_sight
        from apps.imports.queries import list_behind, seen_submissions

        register_sight(Sight(seen_submissions, list_behind))
