"""The numbers in the rail: one's own open leads, and those of one's teams that nobody has taken yet."""

from typing import Any

from django.db.models import Q

from apps.accounts.terms import Permission
from apps.leads.models import Lead
from apps.tenancy.actor import Actor
from apps.tenancy.models import Organization
from apps.workspace.figures import capped, label


def rail_counts(actor: Actor) -> dict[str, str]:
    """Return the count of each entry by its address, in one statement; nothing where there is nothing to do.

    Both are found by an index and counted no further than "99+", so that every page can afford them. A team sees
    the leads that it owns: no count tells of a lead that its reader may not open.
    """
    if not actor.may(Permission.LEAD_VIEW) or actor.membership_id is None:
        return {}
    mine = _open_leads(Q(owner=actor.membership_id))
    free = _open_leads(Q(owner__isnull=True, owner_team__in=list(actor.team_ids)))
    found: dict[str, Any] = dict(
        Organization.objects.filter(id=actor.organization_id).values(mine=capped(mine), free=capped(free)).get()
    )
    return {url: label(found[name]) for url, name in (("/", "mine"), ("/queue/", "free")) if found[name]}


def _open_leads(condition: Q) -> Any:
    return Lead.rows().filter(condition, closed_at__isnull=True, is_test=False)
