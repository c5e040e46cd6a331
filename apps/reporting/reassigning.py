"""Reads for giving many leads out at once: from whom, who could take them, and who would get how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.accounts.models import TeamMembership
from apps.accounts.terms import Availability
from apps.catalog.models import Queue
from apps.flows import bulk
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.reporting.decisions import spread
from apps.reporting.terms import Share, Taker
from apps.tenancy.actor import Actor

MOST = bulk.MOST_LEADS
PERSON, QUEUE = "person", "queue"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the leads come from: an owner within a team, or those of a queue that nobody owns."""

    value: str
    label: str
    team_id: UUID
    team_key: str
    member_id: UUID | None = None
    queue_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What one person would get, with the leads by name."""

    share: Share
    lead_ids: tuple[UUID, ...]
    cannot: tuple[bulk.Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would get which leads. `left` is what fits nowhere."""

    origin: Origin
    found: int
    given: tuple[Given, ...]
    left: int


def origins(actor: Actor) -> list[Origin]:
    """Return the people and queues of the actor's own teams, by team and name."""
    places = TeamMembership.rows().filter(team__in=list(actor.team_ids), team__is_active=True)
    people = [
        Origin(
            f"{PERSON} {row.team.key} {row.membership_id}",
            f"{row.team.name}: {row.membership.user.name}",
            row.team_id,
            row.team.key,
            member_id=row.membership_id,
        )
        for row in places.select_related("team", "membership__user")
    ]
    rows = Queue.rows().filter(team__in=list(actor.team_ids), is_active=True).select_related("team")
    queues = [Origin(f"{QUEUE} {row.key}", row.name, row.team_id, row.team.key, queue_id=row.id) for row in rows]
    return sorted(queues, key=lambda each: each.label.lower()) + sorted(people, key=lambda each: each.label.lower())


def plan_of(actor: Actor, origin: Origin, most: int, now: datetime) -> Plan:
    """Return who would get which of the oldest open leads, and which of them the rules would refuse."""
    ids = list(_leads(actor, origin).order_by("captured_at", "id").values_list("id", flat=True)[: min(most, MOST)])
    shares = spread(len(ids), takers(actor, origin))
    given, at = [], 0
    for share in shares:
        own = tuple(ids[at : at + share.gets])
        at += share.gets
        given.append(Given(share, own, _refused(actor, origin, share, own, now)))
    return Plan(origin, len(ids), tuple(given), len(ids) - at)


def takers(actor: Actor, origin: Origin) -> Sequence[Taker]:
    """Return the colleagues of the team with what they hold; the one who gives is not among them."""
    rows = TeamMembership.rows().filter(
        team=origin.team_id, membership__is_active=True, membership__user__is_active=True
    )
    if origin.member_id is not None:
        rows = rows.exclude(membership=origin.member_id)
    held = dict(
        Lead.rows()
        .filter(closed_at__isnull=True, owner__isnull=False, is_test=False)
        .order_by()
        .values_list("owner_id")
        .annotate(Count("id"))
    )
    return [
        Taker(
            str(row.membership_id),
            row.membership.user.name,
            held.get(row.membership_id, 0),
            row.membership.open_lead_cap,
            row.membership.availability == Availability.AVAILABLE,
        )
        for row in rows.select_related("membership__user").order_by("membership__user__name")
    ]


def _leads(actor: Actor, origin: Origin) -> QuerySet[Lead]:
    rows = visible_leads(actor).filter(closed_at__isnull=True, owner_team=origin.team_id)
    if origin.member_id is not None:
        return rows.filter(owner=origin.member_id)
    return rows.filter(queue=origin.queue_id, owner__isnull=True)


def _refused(
    actor: Actor, origin: Origin, share: Share, lead_ids: tuple[UUID, ...], now: datetime
) -> tuple[bulk.Line, ...]:
    if not lead_ids:
        return ()
    act = bulk.Assign(origin.team_key, UUID(share.taker.key))
    return tuple(line for line in bulk.preview(actor=actor, lead_ids=lead_ids, act=act, now=now) if not line.done)
