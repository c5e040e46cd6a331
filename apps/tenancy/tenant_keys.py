"""A tenant's own data keys, by generation: made, wrapped anew, and destroyed.

What is read here are wrapped keys, kept in memory until the tenant's stamp moves; opened ones stay in the process, each
under its wrapped text, so that a destroyed key is found no more as soon as its row says so.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from django.utils.timezone import now as clock

from apps.tenancy.models import TenantKey
from apps.tenancy.scope import organization_in_scope, tenant_scope
from apps.tenancy.stamps import forget_reads, settings_read
from apps.tenancy.wrapping import Wrapping, keeper, keeper_of

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class DataKey:
    """A generation of a tenant's key as it is stored; destroyed, it has no wrapped text."""

    organization_id: UUID
    generation: int
    wrapped: str

    def cipher(self) -> AESGCM:
        """Return what seals and opens under this key. Raises CannotUnwrap."""
        return _opened(self.wrapped, self.organization_id)


def keys_of(organization_id: UUID) -> tuple[DataKey, ...]:
    """Return a tenant's keys, the newest first; none of a tenant of before that was never rotated.

    Outside a scope one is opened for the read; inside the scope of another tenant it raises NoTenantScope.
    """
    if organization_in_scope() is None:
        with tenant_scope(organization_id):
            return _stored(organization_id)
    return _stored(organization_id)


@settings_read
def _stored(organization_id: UUID) -> tuple[DataKey, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generation, wrapped FROM tenancy_tenantkey WHERE organization_id = %s ORDER BY generation DESC",
            [organization_id],
        )
        return tuple(DataKey(organization_id, generation, wrapped) for generation, wrapped in cursor.fetchall())


@lru_cache(maxsize=4096)
def _opened(wrapped: str, organization_id: UUID) -> AESGCM:
    return AESGCM(keeper_of(wrapped).unwrap(wrapped, organization_id))


def add_key(organization_id: UUID, *, finished: bool = False) -> int:
    """Make the tenant's next generation; call inside its scope. `finished` where nothing waits to be sealed anew."""
    held = keys_of(organization_id)
    generation, at = (held[0].generation if held else 0) + 1, clock()
    wrapped = keeper().wrap(os.urandom(KEY_BYTES), organization_id)
    TenantKey.objects.create(generation=generation, wrapped=wrapped, made_at=at, rotated_at=at if finished else None)
    forget_reads()
    return generation


def wrap_anew(organization_id: UUID, by: Wrapping) -> int:
    """Let a keeper wrap the tenant's keys anew; inside its scope, as the owner. Return how many were."""
    rows = [row for row in TenantKey.rows().select_for_update() if row.wrapped]
    done = 0
    for row in rows:
        if by.is_newest(row.wrapped):
            continue
        row.wrapped = by.wrap(keeper_of(row.wrapped).unwrap(row.wrapped, organization_id), organization_id)
        row.save(update_fields=["wrapped"])
        done += 1
    forget_reads()
    return done


def destroy_keys(organization_id: UUID) -> int:
    """Take the tenant's keys away for good; inside its scope, as the owner. Return how many there were."""
    done = TenantKey.rows().exclude(wrapped="").update(wrapped="", destroyed_at=clock())
    forget_reads()
    return int(done)
