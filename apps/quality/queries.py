"""Reads of quality: the overview as it stands this minute, and the items of one check.

An item counts only while its check still finds it: what is mended drops out at once, before the next run closes it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Min, QuerySet, Value, Window
from django.db.models.functions import RowNumber, TruncDate

from apps.accounts.terms import Permission
from apps.capture.queries import excluded_by_source
from apps.catalog.queries import sources_by_key
from apps.flows.consistency import quality_rules
from apps.identity.models import DuplicatePair
from apps.ownership.queries import visible_leads
from apps.qualification.consistency import stale_after_days
from apps.quality.checks import CHECKS
from apps.quality.models import FixItem, QualityRun
from apps.quality.terms import Check, Overview, RunState, SourceStanding, Standing
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound, Refused

TREND_DAYS = 14
SHOWN_ITEMS = 100
EXCLUDED_WITHIN = timedelta(days=30)
_SHOWN = ("owner_team", "owner__user", "source", "service", "location", "stage")
NO_FIGURES = {"leads": 0, "findings": 0, "phones": 0, "invalid_phones": 0}


@dataclass(frozen=True, slots=True)
class Items:
    """The first items of a check, and how many there are."""

    check: Check
    rows: Sequence[FixItem]
    pairs: Mapping[UUID, DuplicatePair]
    count: int


def require_sight(actor: Actor) -> None:
    """Refuse who does not read reports about leads."""
    if actor.is_agency or (actor.id is not None and not may_see(actor)):
        raise Refused("Data quality is for team leads, marketing operations and compliance.", action="quality.read")


def may_see(actor: Actor) -> bool:
    """Say whether the actor's role looks at data quality."""
    return actor.may(Permission.REPORT_READ) and actor.may(Permission.LEAD_VIEW)


def may_recheck(actor: Actor) -> bool:
    """Say whether the actor's role may have contact data looked at again."""
    return actor.may(Permission.LEAD_EDIT) or actor.may(Permission.SETTINGS_WRITE)


def overview(actor: Actor, now: datetime) -> Overview:
    """Return how everything stands; the number of statements does not grow with leads, checks or sources."""
    require_sight(actor)
    runs = list(QualityRun.rows().filter(id__in=daily_run_ids(TREND_DAYS)).order_by("computed_at"))
    waiting = QualityRun.rows().filter(state=RunState.WAITING).exists()
    days = stale_after_days(quality_rules(now))
    if not runs:
        return Overview(None, waiting, stale_days=days)
    last = runs[-1]
    failed = {key: str(each.get("error")) for key, each in last.results.items() if each.get("count") is None}
    rows = _standing_rows(actor, now, [each for each in Check if each.value not in failed])
    return Overview(
        last.computed_at,
        waiting,
        tuple(_standing(each, rows.get(each, []), failed.get(each.value, ""), runs) for each in Check),
        tuple(_sources(runs, rows, excluded_by_source(now - EXCLUDED_WITHIN))),
        days,
    )


def items_of(actor: Actor, key: str, now: datetime) -> Items:
    """Return what a check has open, oldest first; what was mended since the run is left out. Raises NotFound."""
    require_sight(actor)
    if key not in set(Check):
        raise NotFound
    check = Check(key)
    rows = _still_open(actor, now, check).order_by("found_at", "id")
    shown = list(rows.select_related(*(f"lead__{part}" for part in _SHOWN))[:SHOWN_ITEMS])
    pairs = DuplicatePair.rows().select_related("first", "second")
    found = pairs.in_bulk([each.subject_id for each in shown]) if check is Check.DUPLICATES else {}
    return Items(check, shown, found, rows.count())


def daily_run_ids(days: int = 0) -> QuerySet[Any]:
    """Return the ids of the last run of each day, newest day first; of the last so many days."""
    place = Window(RowNumber(), partition_by=[TruncDate("computed_at")], order_by="-computed_at")
    rows = QualityRun.rows().filter(state=RunState.DONE).annotate(place=place).filter(place=1)
    daily = rows.order_by("-computed_at").values("id")
    return daily[:days] if days else daily


def _still_open(actor: Actor, now: datetime, check: Check) -> QuerySet[FixItem]:
    rows = FixItem.rows().filter(check_key=check, closed_at__isnull=True, explained_at__isnull=True)
    rows = rows.filter(subject_id__in=CHECKS[check](now).values("id"))
    if check is Check.DUPLICATES or actor.may(Permission.LEAD_VIEW_ALL):
        return rows
    return rows.filter(lead__in=visible_leads(actor))


Row = tuple[str, str, str, int, datetime]


def _standing_rows(actor: Actor, now: datetime, checks: Iterable[Check]) -> dict[Check, list[Row]]:
    """Return by check: team, source, count, oldest. One statement for all checks."""
    parts = [
        _still_open(actor, now, check)
        .order_by()
        .annotate(of=Value(check.value, output_field=CharField()))
        .values_list("of", "lead__owner_team__name", "lead__source__key")
        .annotate(n=Count("id"), oldest=Min("found_at"))
        for check in checks
    ]
    found: dict[Check, list[Row]] = {}
    for row in parts[0].union(*parts[1:], all=True) if parts else ():
        found.setdefault(Check(row[0]), []).append(row)
    return found


def _standing(check: Check, rows: Sequence[Row], error: str, runs: Sequence[QualityRun]) -> Standing:
    counts = [each.results.get(check.value, {}).get("count") for each in runs]
    known = tuple(each for each in counts if each is not None)
    if error:
        return Standing(check, int(runs[-1].results[check.value]["before"]), error=error, trend=known)
    owners: Counter[str] = Counter()
    for _check, team, _source, n, _oldest in rows:
        owners[team or ""] += n
    top = owners.most_common(1)
    owner, share = top[0] if top else ("", 0)
    count = sum(owners.values())
    return Standing(check, count, owner, share, min((row[4] for row in rows), default=None), "", (*known[:-1], count))


def _sources(
    runs: Sequence[QualityRun], rows: Mapping[Check, Sequence[Row]], excluded: Mapping[str, tuple[int, int]]
) -> Iterable[SourceStanding]:
    now: Counter[str] = Counter()
    for each in rows.values():
        for _check, _team, source, n, _oldest in each:
            now[source or ""] += n
    # A source whose inquiries were all excluded has no lead and no figures; it is counted all the same.
    names, last = sources_by_key(), {**dict.fromkeys(sorted(excluded), NO_FIGURES), **runs[-1].by_source}
    for key, figures in sorted(last.items(), key=lambda item: -item[1]["findings"]):
        trend = tuple(int(each.by_source.get(key, {}).get("findings", 0)) for each in runs[:-1])
        yield SourceStanding(
            names[key].name if key in names else key,
            figures["leads"],
            now[key],
            figures["phones"],
            figures["invalid_phones"],
            (*trend, now[key]),
            *excluded.get(key, (0, 0)),
        )
