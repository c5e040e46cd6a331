"""The numbers in the rail: one's own open leads, and those of one's teams that nobody has taken yet."""

from apps.accounts.terms import Permission
from apps.tenancy.actor import Actor
from apps.workspace import figures


def rail_counts(actor: Actor) -> dict[str, str]:
    """Return the count of each entry by its address; nothing where there is nothing to do."""
    if not actor.may(Permission.LEAD_VIEW) or actor.membership_id is None:
        return {}
    mine, free = figures.rail_counts(actor)
    return {url: figures.label(count) for url, count in (("/", mine), ("/queue/", free)) if count}
