"""The figures of marketing: counted by the product, read as a role of the database that can read nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, IntegerField, OuterRef, Q, Sum, Value, When
from django.db.models.functions import TruncDate

from apps.appointments.models import Appointment
from apps.leads.models import Lead
from apps.leads.terms import IMPORT_UNDONE
from apps.reporting.models import MarketingFigure
from apps.reporting.queries import COLUMNS, Wanted, has_row, talks
from apps.reporting.terms import Segment
from apps.tenancy.clock import database_now
from apps.tenancy.marketing_role import as_marketing
from apps.tenancy.organizations import current_organization, organization_ids
from apps.tenancy.scope import tenant_scope

#: How far back figures are counted anew: a lead of last quarter may still book.
COUNTED_OVER = timedelta(days=120)
KEY = ("day", "source_key", "campaign_key")
COUNTS = ("leads", "valid", "contacted", "booked")


@dataclass(frozen=True, slots=True)
class Brought:
    """What one source and campaign brought in a period; `name` is "source, campaign"."""

    name: str
    leads: int
    valid: int
    contacted: int
    booked: int


def figures_of(wanted: Wanted) -> list[Brought]:
    """Return what each source and campaign brought in the period, most leads first, read as `leadcrm_marketing`.

    Sources and campaigns may be chosen; other choices of a report know of things that these figures leave out.
    """
    period = wanted.period
    with as_marketing():
        rows = MarketingFigure.rows().filter(day__gte=period.first, day__lte=period.last)
        for segment in (Segment.SOURCE, Segment.CAMPAIGN):
            if key := wanted.chosen.get(segment):
                rows = rows.filter(**{f"{COLUMNS[segment]}_key": key})
        summed = rows.values_list("source", "campaign").annotate(*(Sum(each) for each in COUNTS)).order_by()
        found = [Brought(", ".join(filter(None, row[:2])), *row[2:]) for row in summed]
    return sorted(found, key=lambda each: (-each.leads, each.name.lower()))


def count_all() -> int:
    """Count every tenant's figures anew, each in a transaction of its own; return how many rows that is."""
    total = 0
    for organization_id in organization_ids():
        with tenant_scope(organization_id):
            total += count_figures(database_now())
    return total


def count_figures(now: datetime) -> int:
    """Count the tenant's figures of the last 120 days anew; return how many rows there are of these days.

    Two at once come to the same rows; a row whose leads are gone goes, too.
    """
    since = (now - COUNTED_OVER).astimezone(ZoneInfo(current_organization().zone)).date()
    made = list(_counted(now))
    MarketingFigure.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["organization", *KEY],
        update_fields=["source", "campaign", *COUNTS, "counted_at"],
    )
    MarketingFigure.rows().filter(day__gt=since, counted_at__lt=now).delete()
    return len(made)


def _counted(now: datetime) -> Iterator[MarketingFigure]:
    zone = ZoneInfo(current_organization().zone)
    start = datetime.combine(
        (now - COUNTED_OVER).astimezone(zone).date() + timedelta(days=1), datetime.min.time(), zone
    )
    rows = (
        Lead.rows()
        .filter(is_test=False, captured_at__gte=start)
        .exclude(closure_reason=IMPORT_UNDONE)
        .annotate(day=TruncDate("captured_at", tzinfo=zone))
        .annotate(is_valid=_one(Q(validity="valid")), is_contacted=_one(has_row(talks())))
        .annotate(is_booked=_one(has_row(Appointment.rows().filter(lead_id=OuterRef("id")))))
        .order_by()
        .values_list("day", "source__key", "source__name", "campaign__key", "campaign__name")
        .annotate(Count("id"), Sum("is_valid"), Sum("is_contacted"), Sum("is_booked"))
    )
    for day, source_key, source, campaign_key, campaign, leads, valid, contacted, booked in rows:
        yield MarketingFigure(
            day=day,
            source=source or "",
            source_key=source_key or "",
            campaign=campaign or "",
            campaign_key=campaign_key or "",
            leads=leads,
            valid=valid,
            contacted=contacted,
            booked=booked,
            counted_at=now,
        )


def _one(test: Q) -> Case:
    return Case(When(test, then=Value(1)), default=Value(0), output_field=IntegerField())
