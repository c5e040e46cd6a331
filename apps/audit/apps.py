"""App registration: the ledger flushes with every scope's commit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "apps.audit"

    def ready(self) -> None:
        """Hook the ledger into the scope."""
        from apps.audit import ledger
        from apps.tenancy import scope

        scope.before_commit(ledger.flush)
        scope.on_rollback(ledger.forget)
        scope.on_refusal(ledger.record_refusal)
