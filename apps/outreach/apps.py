"""App registration."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "apps.outreach"

    def ready(self) -> None:
        """Name the checks of the rules about messages and of what follows on a contact; the second is read aloud."""
        from apps.outreach import follow_up, message_rules
        from apps.policies import registry

        registry.register_check(message_rules.KIND, message_rules.check_document)
        registry.register_check(follow_up.KIND, follow_up.check_document)
        registry.register_reader(follow_up.KIND, follow_up.told)
