"""The tenant itself: made, renamed, found by its short name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.accounts.saving import Change
from apps.audit import ledger
from apps.tenancy.actor import Actor
from apps.tenancy.models import Address, Organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.tenant_keys import add_key

ADDRESS_KIND = "organization"


def organization_id_of(slug: str) -> UUID | None:
    """Return the tenant of a short name; needs no scope."""
    found = Address.objects.filter(kind=ADDRESS_KIND, key=slug).first()
    return found.organization_id if found else None


def save_organization(*, actor: Actor, slug: str, values: Mapping[str, Any]) -> Change:
    """Create the tenant in scope with its address, or bring its row up to `values`.

    Holds the row until the transaction ends, so that two files applied at once wait for each other.
    """
    organization_id = current_organization_id()
    row = Organization.objects.select_for_update().filter(id=organization_id).first()
    if row is None:
        Organization.objects.create(id=organization_id, slug=slug, **values)
        Address.objects.create(kind=ADDRESS_KIND, key=slug, organization_id=organization_id, row_id=organization_id)
        add_key(organization_id, finished=True)
        _note(actor, "organization.create", organization_id, ())
        return Change.CREATED
    changed = tuple(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return Change.UNCHANGED
    for name in changed:
        setattr(row, name, values[name])
    row.save(update_fields=list(changed))
    _note(actor, "organization.update", organization_id, changed)
    return Change.UPDATED


def _note(actor: Actor, action: str, organization_id: UUID, fields: tuple[str, ...]) -> None:
    ledger.record(actor=actor, action=action, object_type="organization", object_id=organization_id, fields=fields)
