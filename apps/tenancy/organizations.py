"""Which tenants there are: for the platform's own sweeps and commands, which take them one by one."""

from uuid import UUID

from apps.tenancy.models import Address, Organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.stamps import settings_read


def organization_ids() -> list[UUID]:
    """Return the ids of all tenants, oldest first."""
    rows = Address.objects.filter(kind="organization").order_by("id")
    return list(rows.values_list("organization_id", flat=True))


def organization_by_slug(slug: str) -> UUID | None:
    """Return a tenant's id by its slug, or None."""
    row = Address.objects.filter(kind="organization", key=slug).first()
    return row.organization_id if row else None


@settings_read
def current_organization() -> Organization:
    """Return the tenant in scope."""
    return Organization.objects.get(id=current_organization_id())
