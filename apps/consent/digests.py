"""Keyed digests of numbers and addresses: what the do-not-contact list keeps of a value that was erased."""

from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import blind_indexes

DIGEST = "digest:"


def digests_of(value: str) -> tuple[str, ...]:
    """Return under what a value is kept once it is erased: one entry for each master key, the newest first."""
    found = blind_indexes(value, organization_id=current_organization_id(), purpose="contact value")
    return tuple(f"{DIGEST}{each}" for each in found)
