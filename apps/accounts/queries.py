"""Read accounts: the teams of a tenant, kept until somebody changes them, and a person's own switch."""

from uuid import UUID

from apps.accounts.models import Membership, Team
from apps.accounts.terms import NO_SWITCH, Availability
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.tenancy.stamps import settings_read


@settings_read
def teams_by_id() -> dict[UUID, Team]:
    """Return the tenant's teams by id."""
    return {row.id: row for row in Team.rows()}


def availability_of(actor: Actor) -> Availability:
    """Return what the actor's own switch says. Refuses agencies and programs that are nobody's: they have none."""
    if actor.membership_id is None or actor.is_agency:
        raise Refused(NO_SWITCH, action="membership.availability")
    return Availability(Membership.rows().values_list("availability", flat=True).get(id=actor.membership_id))


def skills_held() -> list[str]:
    """Return the skills of the people with access, by name."""
    rows = Membership.rows().filter(is_active=True).values_list("skills", flat=True)
    return sorted({each for held in rows for each in held}, key=str.casefold)
