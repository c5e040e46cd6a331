"""Read exceptions: what waits, how much of it and since when, and what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncDate

from apps.exceptions.models import OPEN, ExceptionItem
from apps.exceptions.terms import BESIDE, NO_OUTREACH, ItemState, ItemType, title_of, type_of
from apps.leads.models import Lead


@dataclass(frozen=True, slots=True)
class Volume:
    """How many exceptions of one cause wait, and since when the oldest does (row EX-13)."""

    type: str
    code: str
    count: int
    oldest_at: datetime

    @property
    def title(self) -> str:
        """The cause in words."""
        return title_of(self.code)


def open_items(leads: QuerySet[Lead] | None = None) -> QuerySet[ExceptionItem]:
    """Return the open exceptions, of these leads or of all, first due first; test leads are left out."""
    rows = ExceptionItem.rows().filter(OPEN, lead__is_test=False, lead__closed_at__isnull=True)
    if leads is not None:
        rows = rows.filter(lead__in=leads)
    return rows.order_by("due_at", "id")


def items_of(lead_ids: Iterable[UUID], *, only_open: bool = True) -> list[ExceptionItem]:
    """Return the exceptions of leads, first opened first."""
    rows = ExceptionItem.rows().filter(lead_id__in=list(lead_ids))
    if only_open:
        rows = rows.filter(OPEN)
    return list(rows.select_related("queue", "approver", "version").order_by("opened_at", "id"))


def has_open(lead: Lead, kind: ItemType) -> bool:
    """Say whether a lead has an open exception of a type, whichever it shows first."""
    stands_beside = kind in {type_of(each) for each in BESIDE}
    return bool(lead.exception or stands_beside) and ExceptionItem.rows().filter(OPEN, lead=lead, type=kind).exists()


def stops_outreach(lead: Lead) -> bool:
    """Say whether nobody reaches out to a lead's person until somebody decided (rows QL-13, QL-16)."""
    return bool(lead.exception) and ExceptionItem.rows().filter(OPEN, lead=lead, type__in=NO_OUTREACH).exists()


def volumes(leads: QuerySet[Lead] | None = None) -> list[Volume]:
    """Return volume and age of what waits, by cause, the most first."""
    rows = open_items(leads).order_by().values_list("type", "code").annotate(n=Count("id"), oldest=Min("opened_at"))
    found = [Volume(kind, code, count, oldest) for kind, code, count, oldest in rows]
    return sorted(found, key=lambda each: (-each.count, each.oldest_at))


def opened_by_day(
    zone: str, now: datetime, *, days: int, leads: QuerySet[Lead] | None = None
) -> dict[date, dict[str, int]]:
    """Return how many exceptions of each type were opened on each of the last days, also those that are decided."""
    here = ZoneInfo(zone)
    first = now.astimezone(here).date() - timedelta(days=days - 1)
    since = datetime.combine(first, datetime.min.time(), here)
    rows = ExceptionItem.rows().filter(opened_at__gte=since, opened_at__lte=now, lead__is_test=False)
    if leads is not None:
        rows = rows.filter(lead__in=leads)
    found: dict[date, dict[str, int]] = {first + timedelta(days=each): {} for each in range(days)}
    by_day = rows.annotate(day=TruncDate("opened_at", tzinfo=here)).values_list("day", "type").annotate(n=Count("id"))
    for day, kind, count in by_day.order_by("day", "type"):
        found[day][kind] = count
    return found


def resolved_since(since: datetime, leads: QuerySet[Lead] | None = None) -> tuple[int, float | None]:
    """Return how many exceptions ended since an instant, and the median of the seconds that they took."""
    rows = ExceptionItem.rows().filter(state=ItemState.RESOLVED, decided_at__gte=since, lead__is_test=False)
    if leads is not None:
        rows = rows.filter(lead__in=leads)
    spans = rows.values_list("opened_at", "decided_at")
    took = [(ended - opened).total_seconds() for opened, ended in spans if ended is not None]
    return len(took), median(took) if took else None
