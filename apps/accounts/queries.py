"""Read accounts: the teams of a tenant, kept until somebody changes them."""

from uuid import UUID

from apps.accounts.models import Team
from apps.tenancy.stamps import settings_read


@settings_read
def teams_by_id() -> dict[UUID, Team]:
    """Return the tenant's teams by id."""
    return {row.id: row for row in Team.rows()}
