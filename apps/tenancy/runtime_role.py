"""Refuse to work as a database role that row-level security does not bind."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_checked: set[str] = set()

_SQL = """
SELECT r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'tenancy_organization')
FROM pg_roles r WHERE r.rolname = current_user
"""


def refuse_powerful_role(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Raise ImproperlyConfigured when connected as superuser, BYPASSRLS role or table owner.

    Rule 1 of the reliability rules: development, tests and production run as the runtime role, or
    the walls between tenants stand only on paper. Commands that change the schema are the exception.
    """
    name = str(connection.settings_dict["NAME"])
    if settings.LEADCRM_OWNER_RUN or name in _checked:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        is_superuser, bypasses, owns = cursor.fetchone()
    if is_superuser or bypasses or owns:
        raise ImproperlyConfigured(
            "leadcrm runs only as its runtime role: this database role is a superuser, bypasses "
            "row-level security or owns the tables. Set DATABASE_URL to the runtime role's address."
        )
    _checked.add(name)
