"""App registration."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "apps.outreach"

    def ready(self) -> None:
        """Name the check of the rules about messages."""
        from apps.outreach import message_rules
        from apps.policies import registry

        registry.register_check(message_rules.KIND, message_rules.check_document)
