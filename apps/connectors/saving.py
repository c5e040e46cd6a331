"""Saving a connection under its key, as the tenant file does: opened where it is missing, else brought in line."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.saving import Change, Saved
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import standing_of
from apps.connectors.addresses import change_connection, open_connection
from apps.connectors.models import Connection
from apps.tenancy.actor import Actor
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict


def save_connection(*, actor: Actor, key: str, provider: str, values: Mapping[str, Any]) -> Saved[Connection]:
    """Open or change a connection; a new one gets its address, an old one keeps it.

    Refuses as `open_connection` does, and another sender at an address that somebody has been given.
    """
    row = Connection.rows().select_related("source").filter(key=key).first()
    if row is None:
        return Saved(open_connection(actor=actor, key=key, provider=provider, **values), Change.CREATED)
    if row.provider != provider:
        raise Conflict(f"“{key}” is an address for {row.provider}. Give the new sender a key of its own.", code="taken")
    # One whose vendor is not in order stays as it is: a person switches it on once the agreement is there.
    may_run = standing_of(UseKind.CONNECTION, key, now=database_now()).allowed
    wanted = {**values, "is_active": row.is_active or may_run}
    is_same = all(getattr(row, name) == value for name, value in wanted.items())
    return Saved(
        change_connection(actor=actor, row=row, values=wanted), Change.UNCHANGED if is_same else Change.UPDATED
    )
