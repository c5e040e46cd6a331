"""App registration."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "apps.chat"

    def ready(self) -> None:
        """Check the chat's answers before they can be given; who waits for a team that leaves goes along."""
        from apps.chat import decisions, leaving
        from apps.flows.heirs import register_heir
        from apps.flows.team_ties import register_ties
        from apps.policies import registry

        registry.register_check("chat", decisions.check_document)
        registry.register_reader("chat", decisions.sentences)
        register_ties(leaving.waiting_for)
        register_heir(leaving.pass_on)
