"""The numbers in the rail: one's own open leads, those of one's teams that nobody has taken, and suspected spam."""

from apps.accounts.terms import Permission
from apps.tenancy.actor import Actor
from apps.workspace import figures


def rail_counts(actor: Actor) -> dict[str, str]:
    """Return the count of each entry by its address; nothing where there is nothing to do."""
    if not actor.may(Permission.LEAD_VIEW) or actor.membership_id is None:
        return {}
    mine, free, suspect = figures.rail_counts(actor)
    counts = (("/", mine), ("/queue/", free), ("/quarantine/", suspect))
    return {url: figures.label(count) for url, count in counts if count}
