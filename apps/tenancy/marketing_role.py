"""Read as the role of the database that knows the figures of marketing and nothing else (docs/decisions/0026)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.tenancy.errors import Refused


@contextmanager
def as_marketing() -> Iterator[None]:
    """Be `leadcrm_marketing` in the block: every table that declares nothing for it answers "permission denied".

    Inside a tenant's scope; row-level security holds as ever, and the role ends with the block, also by an error.
    Raises Refused where the database has no such role; nothing is ever read as the runtime role instead.
    """
    role = settings.LEADCRM_MARKETING_ROLE
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, oid, 'SET') FROM pg_roles WHERE rolname = %s",
            [role],
        )
        if cursor.fetchone() != (True,):
            sentence = _("This report needs a database role of its own. Ask whoever runs the server to make it.")
            raise Refused(sentence, code="not_set_up", action="report.view", object_type="report")
        cursor.execute(f'SET LOCAL ROLE "{role}"')
        yield
        cursor.execute("RESET ROLE")
