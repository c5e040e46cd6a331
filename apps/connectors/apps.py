"""App registration."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "apps.connectors"

    def ready(self) -> None:
        """Let the register of vendors know the senders."""
        from apps.catalog.vendors import register_senders
        from apps.connectors.queries import names_of_senders

        register_senders(names_of_senders)
