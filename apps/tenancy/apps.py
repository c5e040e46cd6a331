"""App registration: the role check and the table protection hang on Django's own signals."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    name = "apps.tenancy"

    def ready(self) -> None:
        """Refuse a too powerful database role; protect every table after each migrate."""
        from apps.tenancy import checks  # noqa: F401 - registers the system checks
        from apps.tenancy.protection import protect_after_migrate
        from apps.tenancy.runtime_role import refuse_powerful_role

        connection_created.connect(refuse_powerful_role, dispatch_uid="tenancy.role")
        post_migrate.connect(protect_after_migrate, sender=self, dispatch_uid="tenancy.protect")
