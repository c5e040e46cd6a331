"""What campaigns promise and what the leads they brought ask for, in one query of leads."""

from collections import defaultdict

from django.db.models import Count

from apps.catalog.queries import campaigns_by_key, services_by_key
from apps.reporting.queries import Wanted, counted_leads
from apps.reporting.terms import Promise, Wish
from apps.tenancy.actor import Actor


def campaign_promises(actor: Actor, wanted: Wanted) -> list[Promise]:
    """Return the campaigns that brought leads, each with its promise and the wishes of its leads, the most first."""
    rows = (
        counted_leads(actor, wanted)
        .filter(campaign__isnull=False)
        .order_by()
        .values_list("campaign__key", "service__key")
        .annotate(leads=Count("id"))
    )
    services, campaigns = services_by_key(), campaigns_by_key()
    wishes: dict[str, list[Wish]] = defaultdict(list)
    for campaign, service, count in rows:
        wishes[campaign].append(Wish(service or "", services[service].name if service else "", count))
    found = []
    for key, asked in wishes.items():
        row = campaigns[key]
        promised = {each: services[each].name for each in row.services if each in services}
        ordered = tuple(sorted(asked, key=lambda each: (-each.count, each.name)))
        found.append(Promise(row.name, row.scope, promised, row.eligibility, ordered))
    return sorted(found, key=lambda each: (-sum(wish.count for wish in each.wishes), each.campaign))
