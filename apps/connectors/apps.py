"""App registration."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "apps.connectors"

    def ready(self) -> None:
        """Let the register of vendors know the senders, and calls be placed by the one that can."""
        from apps.catalog.vendors import register_senders
        from apps.connectors.dialling import serves
        from apps.connectors.queries import names_of_senders
        from apps.outreach import telephone

        register_senders(names_of_senders)
        telephone.offer(serves)
