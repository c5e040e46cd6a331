"""Reads of connectors: the address book, secrets, what came last, what nobody could read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.connectors.addresses import HOOK_ADDRESS, digest_of
from apps.connectors.models import Connection, Hook
from apps.connectors.terms import HookState, SecretPurpose
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import unseal


def find_address(token: str) -> Address | None:
    """Return the tenant and row of an address, before any scope is open."""
    return Address.objects.filter(kind=HOOK_ADDRESS, key=digest_of(token)).first()


def connection(row_id: UUID, provider: str) -> Connection | None:
    """Return an active connection of this provider."""
    rows = Connection.rows().filter(id=row_id, provider=provider, is_active=True)
    return rows.select_related("source__party").first()


def connections() -> list[Connection]:
    """Return the active connections of the tenant."""
    return list(Connection.rows().filter(is_active=True).order_by("key"))


def names_of_senders() -> list[tuple[str, str]]:
    """Return key and name of every connection, switched on or not: a vendor may be named for each."""
    return list(Connection.rows().order_by("key").values_list("key", "name"))


def held_deliveries(keys: Any) -> int:
    """Return how many deliveries are held at the connections with these keys (a list or a query of them)."""
    return Hook.rows().filter(connection__key__in=keys, state=HookState.HELD).count()


def secrets_of(row: Connection, purpose: SecretPurpose = SecretPurpose.PROOF) -> list[str]:
    """Return the secrets of a purpose that count now, the oldest first."""
    rows = row.secrets.filter(retired_at__isnull=True, purpose=purpose)
    organization_id = current_organization_id()
    return [
        unseal(
            bytes(each.sealed),
            organization_id=organization_id,
            row_id=each.id,
            column="connectors_connectionsecret.sealed",
        ).decode()
        for each in rows
    ]


def is_locked_out(row: Connection, known: Sequence[str]) -> bool:
    """Say whether the connection had secrets and has none now: then nothing proves its sender any more."""
    return not known and row.secrets.filter(purpose=SecretPurpose.PROOF).exists()


def token_of(row: Connection) -> str:
    """Return the token of the connection's address, for people who may change settings."""
    return unseal(
        bytes(row.sealed_token),
        organization_id=current_organization_id(),
        row_id=row.id,
        column="connectors_connection.sealed_token",
    ).decode()


def last_hooks(row: Connection, limit: int = 20) -> QuerySet[Hook]:
    """Return what came last, newest first, without the bodies."""
    rows = Hook.rows().filter(connection=row).defer("raw").prefetch_related("events__submission")
    return rows.order_by("-received_at", "-id")[:limit]
