"""App registration: the role check and the table protection hang on Django's own signals."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    name = "apps.tenancy"

    def ready(self) -> None:
        """Refuse a too powerful database role; protect every table after each migrate; tell open pages."""
        from apps.tenancy import checks, pokes, scope  # noqa: F401 - the checks register themselves
        from apps.tenancy.protection import protect_after_migrate
        from apps.tenancy.runtime_role import refuse_powerful_role

        connection_created.connect(refuse_powerful_role, dispatch_uid="tenancy.role")
        connection_created.connect(pokes.watch_connection, dispatch_uid="tenancy.pokes")
        scope.before_commit(pokes.flush)
        scope.on_rollback(pokes.forget)
        post_migrate.connect(protect_after_migrate, sender=self, dispatch_uid="tenancy.protect")
