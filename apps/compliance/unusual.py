"""Unusual access (row AU-09): the ledger is looked through every five minutes, compliance hears of what stands out.

Lists do not count as openings: who works a queue is shown fifty leads with every look at it.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.audit.asking import Asked, matching
from apps.audit.models import AuditEntry
from apps.compliance.models import UnusualAccess
from apps.compliance.terms import Unusual
from apps.leads.models import Lead
from apps.tenancy.actor import Actor, ActorKind
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem
from apps.tenancy.organizations import current_organization, organization_ids
from apps.tenancy.scope import tenant_scope

WINDOW = timedelta(minutes=10)
#: How far back a look goes: longer than the window and the time between two looks together, so that none is cut in two.
LOOK_BACK = timedelta(minutes=30)
DAY_BEGINS, DAY_ENDS = 6, 22
AFTER_HOURS_FROM = 20
EXPORT_FROM = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """One lead opened by one person."""

    actor_id: UUID
    actor: str
    lead_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out: who, how, from when to when, how often."""

    kind: Unusual
    actor_id: UUID
    actor: str
    first_at: datetime
    last_at: datetime
    count: int


def watch_every_tenant() -> int:
    """Look at each tenant in a transaction of its own; return how many things stood out that were not known."""
    total = 0
    for organization_id in organization_ids():
        with tenant_scope(organization_id):
            total += look(database_now())
    return total


def look(now: datetime) -> int:
    """Look through the last half hour of the tenant in scope and tell compliance; return how much of it is new."""
    zone = ZoneInfo(current_organization().zone)
    rows = matching(Asked(since=now - LOOK_BACK, until=now)).filter(actor_kind=ActorKind.USER, actor_id__isnull=False)
    opened = [
        Opened(each.actor_id, each.actor_label, each.object_id, each.at)
        for each in rows.filter(action="lead.read", object_id__isnull=False).order_by("at", "seq")
        if each.actor_id is not None and each.object_id is not None
    ]
    found = [
        *in_volume(opened, settings.LEADCRM_UNUSUAL_OPENS),
        *after_hours(opened, zone),
        *_of_own_name(opened),
        *_exports(rows.filter(action__endswith=".export")),
    ]
    return sum(_keep(each, now) for each in found)


def in_volume(opened: Sequence[Opened], limit: int) -> Iterator[Finding]:
    """Yield who opened at least `limit` leads within ten minutes, with the densest ten minutes; `opened` is by time."""
    by_person: dict[UUID, list[Opened]] = defaultdict(list)
    for each in opened:
        by_person[each.actor_id].append(each)
    for own in by_person.values():
        window: deque[Opened] = deque()
        best: tuple[int, Opened, Opened] | None = None
        for each in own:
            window.append(each)
            while each.at - window[0].at >= WINDOW:
                window.popleft()
            if best is None or len(window) > best[0]:
                best = (len(window), window[0], each)
        if best is not None and best[0] >= limit:
            count, first, last = best
            yield Finding(Unusual.VOLUME, first.actor_id, first.actor, first.at, last.at, count)


def after_hours(opened: Iterable[Opened], zone: ZoneInfo) -> Iterator[Finding]:
    """Yield who opened at least twenty leads before six or from ten in the evening on, by the tenant's clock."""
    by_person: dict[UUID, list[Opened]] = defaultdict(list)
    for each in opened:
        if not DAY_BEGINS <= each.at.astimezone(zone).hour < DAY_ENDS:
            by_person[each.actor_id].append(each)
    for own in by_person.values():
        if len(own) >= AFTER_HOURS_FROM:
            yield Finding(Unusual.AFTER_HOURS, own[0].actor_id, own[0].actor, own[0].at, own[-1].at, len(own))


def _of_own_name(opened: Sequence[Opened]) -> Iterator[Finding]:
    """Yield who opened the lead of somebody with their own family name: a relative, or chance."""
    people = Lead.rows().filter(id__in={each.lead_id for each in opened}).values_list("id", "person__last_name")
    names = {lead_id: name.strip().casefold() for lead_id, name in people if name.strip()}
    by_person: dict[UUID, list[Opened]] = defaultdict(list)
    for each in opened:
        words = each.actor.casefold().split()
        if len(words) > 1 and names.get(each.lead_id) == words[-1]:
            by_person[each.actor_id].append(each)
    for own in by_person.values():
        yield Finding(Unusual.SURNAME, own[0].actor_id, own[0].actor, own[0].at, own[-1].at, len(own))


def _exports(rows: Iterable[AuditEntry]) -> Iterator[Finding]:
    """Yield files of at least 500 rows."""
    for each in rows:
        count = each.detail.get("rows", 0)
        if each.actor_id is not None and isinstance(count, int) and count >= EXPORT_FROM:
            yield Finding(Unusual.EXPORT, each.actor_id, each.actor_label, each.at, each.at, count)


def sentence_of(row: "UnusualAccess | Finding", zone: ZoneInfo) -> str:
    """Return what stood out, in a sentence without a patient."""
    who = row.actor_label if isinstance(row, UnusualAccess) else row.actor
    first, last = row.first_at.astimezone(zone), row.last_at.astimezone(zone)
    when = f"{first:%-d %b %Y, %H:%M}" + ("" if first == last else f"–{last:%H:%M}")
    what = {
        Unusual.VOLUME: f"opened {row.count} leads within ten minutes",
        Unusual.AFTER_HOURS: f"opened {row.count} leads outside the day's hours",
        Unusual.EXPORT: f"took {row.count} rows out as a file",
        Unusual.SURNAME: f"opened {row.count} time(s) a lead with their own family name",
    }[Unusual(row.kind)]
    return f"{who} {what} ({when})."


def put_aside(*, actor: Actor, row_id: UUID, note: str, now: datetime) -> None:
    """Note that compliance looked at it and what it was; refuses an empty note, and what was looked at already."""
    row = UnusualAccess.rows().select_for_update().filter(id=row_id).first()
    if row is None:
        raise NotFound
    if row.looked_at is not None:
        raise Conflict(f"{row.looked_by} looked at this already.")
    if not note.strip():
        sentence = "Say in a sentence what it was."
        raise Invalid(sentence, (Problem("/note", "missing", sentence),))
    row.looked_at, row.looked_by, row.note = now, actor.label, note.strip()[:300]
    row.save(update_fields=["looked_at", "looked_by", "note"])
    ledger.record(actor=actor, action="unusual.look", object_type="unusual_access", object_id=row.id)


def _keep(found: Finding, now: datetime) -> bool:
    """Store a finding once an hour and tell compliance; one that grew since is counted up. Says whether it is new."""
    hour = found.first_at.replace(minute=0, second=0, microsecond=0)
    row, is_new = UnusualAccess.objects.get_or_create(
        kind=found.kind,
        actor_id=found.actor_id,
        hour=hour,
        defaults={
            "actor_label": found.actor,
            "first_at": found.first_at,
            "last_at": found.last_at,
            "count": found.count,
        },
    )
    if not is_new and found.count > row.count:
        UnusualAccess.rows().filter(id=row.id).update(count=found.count, last_at=found.last_at)
    if is_new:
        tell_people(
            kind="unusual_access",
            sentence=sentence_of(row, ZoneInfo(current_organization().zone)),
            dedup_key=f"unusual:{row.id}",
            now=now,
            permission=Permission.COMPLIANCE_VIEW,
            url="/compliance/unusual/",
        )
    return is_new
