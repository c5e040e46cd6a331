"""What the reports do by themselves: weak routes become reviews, sources get their figure of the day.

Run from the background, never by an arrival.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db.models import Case, Count, IntegerField, Sum, Value, When

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.catalog.source_figures import SourceFigure, keep_figures
from apps.leads.models import Lead
from apps.leads.terms import IMPORT_UNDONE, PATIENT
from apps.policies.models import Review
from apps.policies.reviews import open_review
from apps.reporting.decisions import percent
from apps.reporting.queries import conversions, has_row
from apps.reporting.route_queries import routes_of, weak
from apps.reporting.terms import ENOUGH
from apps.tenancy.clock import database_now
from apps.tenancy.organizations import current_organization, organization_ids
from apps.tenancy.scope import tenant_scope

WEAK_ROUTE = "weak_route"
LOOKED_BACK = timedelta(days=90)
MEASURED_OVER, RIPENS_IN = timedelta(days=180), timedelta(days=30)
DUE_AFTER = timedelta(days=14)
log = structlog.get_logger("reporting")


def watch_all() -> int:
    """Look at every tenant, each in a transaction of its own; return how many reviews were opened."""
    total = 0
    for organization_id in organization_ids():
        with tenant_scope(organization_id):
            now = database_now()
            total += review_weak_routes(now)
            measure_sources(now)
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


def measure_sources(now: datetime) -> int:
    """Keep today's figure of each source that brought enough leads; return how many are new (row RT-14).

    Patients' valid inquiries of half a year count, the last 30 days left out: they had no time to come to a visit.
    """
    today = now.astimezone(ZoneInfo(current_organization().zone)).date()
    until = now - RIPENS_IN
    leads = Lead.rows().filter(pipeline__key=PATIENT, validity="valid", is_test=False, captured_at__lt=until)
    leads = leads.filter(captured_at__gte=until - MEASURED_OVER).exclude(closure_reason=IMPORT_UNDONE)
    came = Case(When(has_row(conversions()), then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = leads.annotate(came=came).order_by().values_list("source_id").annotate(Count("id"), Sum("came"))
    since, last = today - RIPENS_IN - MEASURED_OVER, today - RIPENS_IN
    made = [
        SourceFigure(
            source_id=source_id,
            made_on=today,
            since=since,
            until=last,
            leads=count,
            converted=converted,
            percent=percent(converted, count) or 0,
        )
        for source_id, count, converted in rows
        if count >= ENOUGH
    ]
    return keep_figures(made, today)
