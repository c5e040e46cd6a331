"""Read an agency's delivery log: rows by filter, one delivery with its attempts, and counts by day and result."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from apps.accounts.models import ApiKey, Party
from apps.accounts.terms import PartyKind
from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.leads.models import Lead
from apps.partners.decisions import RESULTS, WOULD_BE, result_of
from apps.partners.queries import leads_of_party
from apps.partners.terms import Mode, Result, Tally
from apps.tenancy.errors import NotFound


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days by the organization's clock, both included."""

    first: date
    last: date
    zone: str

    @property
    def condition(self) -> Q:
        """Received on one of the days."""
        zone = ZoneInfo(self.zone)
        starts_at = datetime.combine(self.first, time.min, zone)
        ends_at = datetime.combine(self.last + timedelta(days=1), time.min, zone)
        return Q(received_at__gte=starts_at, received_at__lt=ends_at)


def agencies() -> list[Party]:
    """Return who delivers to the organization: its active agencies, and every other party with a source of its own."""
    delivers = Q(kind=PartyKind.AGENCY) | Q(Exists(Source.rows().filter(party=OuterRef("id"), is_active=True)))
    return list(Party.rows().filter(delivers, is_active=True).order_by("name"))


def agency(party_id: UUID) -> Party:
    """Return the agency of one of its own people."""
    return Party.rows().get(id=party_id)


def key_of(party_id: UUID, key_id: UUID) -> ApiKey:
    """Return a key of the agency; NotFound for another's."""
    row = ApiKey.rows().filter(id=key_id, party_id=party_id).first()
    if row is None:
        raise NotFound
    return row


def keys_of(party_id: UUID) -> list[ApiKey]:
    """Return an agency's keys, the newest first."""
    return list(ApiKey.rows().filter(party_id=party_id).order_by("-created_at", "-id"))


def sources_of(party_id: UUID) -> list[Source]:
    """Return the sources under which an agency delivers."""
    return list(Source.rows().filter(party_id=party_id, is_active=True).order_by("name"))


def log(party_id: UUID, mode: Mode) -> QuerySet[Submission]:
    """Return an agency's deliveries, live or test, without their sealed bodies."""
    return Submission.rows().filter(_mode(mode), party_id=party_id).defer("raw").select_related("source")


def with_result(rows: QuerySet[Submission], result: Result) -> QuerySet[Submission]:
    """Narrow a log to one result."""
    if result is Result.RECEIVED:
        return rows.filter(state="received")
    verdicts = [verdict for verdict, each in RESULTS.items() if each is result]
    return rows.annotate(told=_told()).filter(state="processed", told__in=verdicts)


def delivery_of(party_id: UUID, submission_id: UUID) -> Submission:
    """Return one delivery of an agency with its sealed body; NotFound for all others."""
    rows = Submission.rows().filter(party_id=party_id, id=submission_id)
    row = rows.select_related("source__campaign", "party").first()
    if row is None:
        raise NotFound
    return row


def attempts_of(row: Submission) -> list[Submission]:
    """Return every delivery of the agency under the same id, the first one first; of one without an id, itself."""
    if not row.external_id or row.party_id is None:
        return [row]
    same = Submission.rows().filter(party_id=row.party_id, external_id=row.external_id).defer("raw")
    return list(same.select_related("source").order_by("received_at", "id"))


def leads_shown(party_id: UUID, rows: Iterable[Submission]) -> dict[UUID, Lead]:
    """Return those leads of the deliveries that the agency opened; of others it learns the result only."""
    ids = [row.lead_id for row in rows if row.lead_id is not None]
    return {lead.id: lead for lead in leads_of_party(party_id).filter(id__in=ids)} if ids else {}


def has_any(party_id: UUID, mode: Mode) -> bool:
    """Say whether the agency ever delivered in this mode."""
    return Submission.rows().filter(_mode(mode), party_id=party_id).exists()


def tallies(party_id: UUID, mode: Mode, period: Period) -> list[Tally]:
    """Count a period by day, result and first reason, in one query."""
    rows = Submission.rows().filter(_mode(mode), period.condition, party_id=party_id)
    groups = (
        rows.annotate(
            day=TruncDate("received_at", tzinfo=ZoneInfo(period.zone)),
            told=_told(),
            first_reason=KT("reasons__0__code"),
        )
        .values_list("day", "state", "told", "first_reason")
        .annotate(n=Count("id"))
        .order_by("day")
    )
    return [Tally(day, result_of(state, told, ()), reason or "", n) for day, state, told, reason, n in groups]


def _mode(mode: Mode) -> Q:
    is_test = Q(is_test=True) | Q(verdict="test")
    return is_test if mode is Mode.TEST else ~is_test


def _told() -> Case:
    """The verdict, of a test the one it would have had."""
    cases = [When(reasons__contains=[{"code": f"{WOULD_BE}{verdict}"}], then=Value(verdict)) for verdict in RESULTS]
    return Case(*cases, default=F("verdict"), output_field=CharField())
