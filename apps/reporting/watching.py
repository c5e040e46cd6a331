"""What the reports do by themselves: weak routes become reviews. Run from the background, never by an arrival."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.leads.models import Lead
from apps.leads.terms import IMPORT_UNDONE
from apps.policies.models import Review
from apps.policies.reviews import open_review
from apps.reporting.route_queries import routes_of, weak
from apps.tenancy.clock import database_now
from apps.tenancy.organizations import current_organization, organization_ids
from apps.tenancy.scope import tenant_scope

WEAK_ROUTE = "weak_route"
LOOKED_BACK = timedelta(days=90)
DUE_AFTER = timedelta(days=14)
log = structlog.get_logger("reporting")


def watch_all() -> int:
    """Look at every tenant, each in a transaction of its own; return how many reviews were opened."""
    total = 0
    for organization_id in organization_ids():
        with tenant_scope(organization_id):
            total += review_weak_routes(database_now())
    return total


def review_weak_routes(now: datetime) -> int:
    """Open a review for each weak route of the last 90 days, once a month; return how many are new (row RT-23)."""
    today = now.astimezone(ZoneInfo(current_organization().zone)).date()
    since = today - LOOKED_BACK
    leads = Lead.rows().filter(is_test=False, captured_at__gte=now - LOOKED_BACK, captured_at__lte=now)
    found = weak(routes_of(leads.exclude(closure_reason=IMPORT_UNDONE)))
    keys = {f"{WEAK_ROUTE}:{each.service}:{each.queue}:{today:%Y-%m}"[:120]: each for each in found}
    known = set(Review.rows().filter(dedup_key__in=list(keys)).values_list("dedup_key", flat=True))
    url = f"/reports/routes/?since={since}&until={today}"
    for key, each in keys.items():
        if key in known:
            continue
        sentence = (
            f"{each.service_name} → {each.queue_name}: scheduling {each.share} % vs {each.average} % average "
            f"({each.scheduled} of {each.leads} leads in 90 days)."
        )
        open_review(
            kind=WEAK_ROUTE,
            subject=f"{each.service}/{each.queue}",
            sentence=sentence,
            dedup_key=key,
            due_on=today + DUE_AFTER,
            now=now,
            url=url,
        )
        may = Permission.RULES_WRITE
        tell_people(kind=WEAK_ROUTE, sentence=sentence, dedup_key=key, now=now, permission=may, url=url)
    if new := len(keys.keys() - known):
        log.info("weak_routes", count=new)
    return new
