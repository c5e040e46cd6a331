"""Transactions of quality: ask for a run, look at everything, open and close what is to be mended.

A check that fails leaves its items as they are and says so; the others are made all the same.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import Error, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps.audit import ledger
from apps.flows import ageing, owner_moves
from apps.leads.actions import tell
from apps.leads.models import ContactPoint
from apps.ownership.mismatch import expected_of
from apps.ownership.models import Spell
from apps.ownership.queries import lead_to_change
from apps.quality.checks import CHECKS, invalid_phone, open_leads, stale_points
from apps.quality.models import FixItem, QualityRun
from apps.quality.queries import daily_run_ids, may_recheck, require_sight
from apps.quality.terms import Check, Result, RunState
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import organization_ids
from apps.tenancy.scope import tenant_scope

RUN = "quality.run"
PART = 2_000
KEPT_WHOLE = timedelta(days=2)
log = structlog.get_logger("quality")


def ask_for_run(*, actor: Actor, now: datetime) -> QualityRun:
    """Have every check made soon; where a run waits already, that one is returned. Refuses who may not look."""
    require_sight(actor)
    row = QualityRun(id=new_id(), asked_by=actor.label[:200], asked_at=now)
    QualityRun.objects.bulk_create([row], ignore_conflicts=True)
    waiting: QualityRun = QualityRun.rows().get(state=RunState.WAITING)
    outbox.enqueue(RUN, waiting.id)
    if actor.id is not None:
        ledger.record(actor=actor, action="quality.ask", object_type="quality_run", object_id=waiting.id)
    return waiting


def ask_everywhere() -> int:
    """Ask for a run in every tenant; return how many there are."""
    count = 0
    for organization_id in organization_ids():
        with tenant_scope(organization_id):
            ask_for_run(actor=system_actor(organization_id, "schedule"), now=database_now())
        count += 1
    return count


@outbox.handler(RUN)
def run(run_id: UUID, now: datetime) -> None:
    """Make every check: open an item for what is new, close the items of what is mended, keep counts and figures."""
    row = QualityRun.rows().select_for_update().filter(id=run_id, state=RunState.WAITING).first()
    if row is None:
        return
    last = QualityRun.rows().filter(state=RunState.DONE).order_by("-computed_at").first()
    known = last.results if last else {}
    results = {check: _made(check, find, now, _count_in(known.get(check.value, {}))) for check, find in CHECKS.items()}
    row.results = {check.value: each.as_json() for check, each in results.items()}
    row.by_source = _by_source(now)
    row.state, row.computed_at = RunState.DONE, now
    row.save(update_fields=["results", "by_source", "state", "computed_at"])
    old = QualityRun.rows().filter(state=RunState.DONE, computed_at__lt=now - KEPT_WHOLE)
    old.exclude(id__in=daily_run_ids()).delete()


def recheck_due(*, actor: Actor, now: datetime) -> tuple[ageing.Recheck, int]:
    """Look again at contact data of open leads that is due, at most 2,000 at once; return how many wait still.

    Refuses who may neither edit leads nor change settings.
    """
    require_sight(actor)
    if not may_recheck(actor):
        raise Refused("Your role looks at data quality. Ask a team's lead to have contact data checked again.")
    due = stale_points(now).filter(Exists(open_leads().filter(who=OuterRef("person"))))
    rows: list[ContactPoint] = list(due.select_for_update(of=("self",), no_key=True).order_by("known_at", "id")[:PART])
    found = ageing.recheck(rows, actor=actor, now=now)
    return found, due.count()


def give_by_policy(*, actor: Actor, item_id: UUID, now: datetime) -> Spell:
    """Give the lead of an item to the team that its ownership policy names; the item is done with it (row OW-16).

    Refuses as `owner_moves.give_by_policy` does. Raises NotFound for what is no open item of this check.
    """
    item = _owner_item(actor, item_id)
    spell = owner_moves.give_by_policy(actor=actor, lead_id=item.subject_id, now=now)
    item.closed_at = now
    item.save(update_fields=["closed_at"])
    return spell


def explain(*, actor: Actor, item_id: UUID, because: str, now: datetime) -> FixItem:
    """Say why a lead has another owner than its policy names; until that changes the item counts no more.

    The two teams concerned may. Refuses everybody else (audited), and an empty reason.
    """
    item = _owner_item(actor, item_id)
    lead = lead_to_change(actor, item.subject_id)
    owner_moves.require_part(actor, lead, expected_of(lead, now))
    if not because.strip():
        sentence = "Say why it is as it is."
        raise Invalid(sentence, (Problem("/because", "reason_missing", sentence),))
    item.explained_at, item.explained_by, item.explained_because = now, actor.label[:200], because.strip()[:300]
    item.save(update_fields=["explained_at", "explained_by", "explained_because"])
    sentence = f"Its owner is not the one of the policy, and that is meant: {because.strip()}"
    tell(lead, kind="assigned", sentence=sentence[:500], actor=actor, now=now)
    ledger.record(actor=actor, action="quality.explain", object_type="lead", object_id=lead.id, fields=["owner_team"])
    return item


def _owner_item(actor: Actor, item_id: UUID) -> FixItem:
    require_sight(actor)
    rows = FixItem.rows().select_for_update().filter(check_key=Check.STAGE_OWNER, closed_at__isnull=True)
    item: FixItem | None = rows.filter(id=item_id).first()
    if item is None:
        raise NotFound
    return item


def _count_in(result: dict[str, Any]) -> int:
    return int(result["before"] if result.get("count") is None else result["count"]) if result else 0


def _made(check: Check, find: Callable[[datetime], QuerySet[Any]], now: datetime, before: int) -> Result:
    try:
        with transaction.atomic():
            return Result(_kept(check, find(now), now))
    except (Error, ArithmeticError, LookupError, TypeError, ValueError) as error:
        log.warning("quality_check_failed", check=check.value, error=type(error).__name__, exc_info=error)
        return Result(None, type(error).__name__, before)


def _kept(check: Check, found: QuerySet[Any], now: datetime) -> int:
    ids = set(found.values_list("id", flat=True))
    items = FixItem.rows().filter(check_key=check, closed_at__isnull=True)
    open_ids = set(items.values_list("subject_id", flat=True))
    _open(check, ids - open_ids, now)
    explained = set(items.filter(explained_at__isnull=False).values_list("subject_id", flat=True))
    mended = open_ids - ids
    if mended:
        items.filter(subject_id__in=mended).update(closed_at=now)
    return len(ids - explained)


def _open(check: Check, ids: Iterable[UUID], now: datetime) -> None:
    is_lead = check is not Check.DUPLICATES
    FixItem.objects.bulk_create(
        [
            FixItem(id=new_id(), check_key=check, subject_id=each, lead_id=each if is_lead else None, found_at=now)
            for each in sorted(ids)
        ],
        batch_size=PART,
        ignore_conflicts=True,
    )


def _by_source(now: datetime) -> dict[str, dict[str, int]]:
    """Return by source: open leads, those with a phone, those whose phones cannot work, and open items."""
    phones = ContactPoint.rows().filter(person=OuterRef("who"), kind="phone")
    broken = invalid_phone(now).filter(id=OuterRef("id"))
    rows = (
        open_leads()
        .annotate(has_phone=Exists(phones), is_broken=Exists(broken))
        .order_by()
        .values_list("source__key")
        .annotate(n=Count("id"), p=Count("id", filter=Q(has_phone=True)), i=Count("id", filter=Q(is_broken=True)))
    )
    found = {key: {"leads": n, "phones": p, "invalid_phones": i, "findings": 0} for key, n, p, i in rows}
    items = FixItem.rows().filter(closed_at__isnull=True, explained_at__isnull=True, lead__isnull=False).order_by()
    for key, n in items.values_list("lead__source__key").annotate(n=Count("id")):
        found.setdefault(key, {"leads": 0, "phones": 0, "invalid_phones": 0, "findings": 0})["findings"] = n
    return found
