"""App registration: what happens at the sign-in goes to the ledger."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        """Listen to the sign-in library."""
        from apps.accounts import sign_ins

        sign_ins.connect()
