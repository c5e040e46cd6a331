"""App registration."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "apps.chat"

    def ready(self) -> None:
        """Check the chat's answers before they can be given; they have sentences of their own."""
        from apps.chat import decisions
        from apps.policies import registry

        registry.register_check("chat", decisions.check_document)
        registry.register_reader("chat", decisions.sentences)
