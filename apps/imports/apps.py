"""App registration."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "apps.imports"

    def ready(self) -> None:
        """Keep the inquiries of a team's own lists from everybody else; its lists go along when it leaves."""
        from apps.capture.sight import Sight, register_sight
        from apps.flows.heirs import inherit_lists, register_heir
        from apps.flows.team_ties import register_ties
        from apps.imports.models import ImportRun
        from apps.imports.queries import list_behind, lists_of, seen_submissions

        register_sight(Sight(seen_submissions, list_behind))
        register_ties(lists_of)
        register_heir(inherit_lists(ImportRun))
