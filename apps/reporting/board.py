"""Reads for the supervisor board: how queues and people stand now. The same number of queries for any size."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.accounts.models import Membership, TeamMembership
from apps.accounts.terms import Availability, Permission
from apps.catalog.models import Queue
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.reporting.queries import talks
from apps.reporting.terms import Load, QueueHealth
from apps.sla.models import SlaTimer
from apps.sla.terms import ClockKind
from apps.tenancy.actor import Actor

ARRIVALS_OVER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board shows."""

    queues: list[QueueHealth]
    people: list[Load]


def board_of(actor: Actor, now: datetime, until: datetime) -> Board:
    """Return the board: of the whole organization with `lead:view_all`, else of the actor's own teams.

    `until` is the end of the day up to which a lead counts as due.
    """
    places = _places(actor)
    return Board(_queues(actor, now, places), _people(actor, until, places))


def _counted(actor: Actor) -> QuerySet[Lead]:
    return visible_leads(actor).filter(is_test=False)


def _places(actor: Actor) -> list[TeamMembership]:
    rows = TeamMembership.rows().filter(membership__is_active=True, team__is_active=True)
    if not actor.may(Permission.LEAD_VIEW_ALL):
        rows = rows.filter(team__in=list(actor.team_ids))
    return list(rows.select_related("membership__user", "team").order_by("membership__user__name", "team__name"))


def _queues(actor: Actor, now: datetime, places: list[TeamMembership]) -> list[QueueHealth]:
    rows = Queue.rows().filter(is_active=True).select_related("team")
    if not actor.may(Permission.LEAD_VIEW_ALL):
        rows = rows.filter(team__in=list(actor.team_ids))
    standing, arrived = _standing(actor, now), _arrived(actor, now)
    available: dict[UUID, int] = {}
    for place in places:
        is_there = place.membership.availability == Availability.AVAILABLE
        available[place.team_id] = available.get(place.team_id, 0) + is_there
    return [
        replace(
            QueueHealth(row.key, row.name, row.team.name, row.max_wait_seconds),
            **standing.get(row.id, {}),
            arrivals=arrived.get(row.id, 0),
            available=available.get(row.team_id, 0),
        )
        for row in rows.order_by("name")
    ]


def _standing(actor: Actor, now: datetime) -> dict[UUID, dict[str, Any]]:
    """Return the figures of the open leads of each queue. At risk is what the clocks of contact say."""
    risky = SlaTimer.rows().filter(
        lead_id=OuterRef("id"),
        met_at__isnull=True,
        cancelled_at__isnull=True,
        paused_at__isnull=True,
        at_risk_at__lte=now,
        due_at__gte=now,
    )
    unassigned = Q(owner__isnull=True)
    late = Q(due_at__lt=now)
    rows = (
        _counted(actor)
        .filter(closed_at__isnull=True, queue__isnull=False)
        .annotate(
            is_risky=Exists(risky.exclude(kind=ClockKind.ACKNOWLEDGEMENT)),
            is_answered=Exists(talks()),
        )
        .order_by()
        .values("queue_id")
        .annotate(
            open=Count("id"),
            unassigned=Count("id", filter=unassigned),
            oldest_since=Min(Coalesce(F("owner_since"), F("captured_at")), filter=unassigned),
            late=Count("id", filter=late),
            at_risk=Count("id", filter=Q(is_risky=True) & ~late),
            unanswered=Count("id", filter=Q(is_answered=False)),
            never_attempted=Count("id", filter=Q(attempts=0, is_answered=False)),
        )
    )
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        figures: dict[str, Any] = dict(row)
        found[figures.pop("queue_id")] = figures
    return found


def _arrived(actor: Actor, now: datetime) -> dict[UUID, int]:
    rows = _counted(actor).filter(created_at__gt=now - ARRIVALS_OVER, created_at__lte=now, queue__isnull=False)
    return dict(rows.order_by().values_list("queue_id").annotate(Count("id")))


def _people(actor: Actor, until: datetime, places: list[TeamMembership]) -> list[Load]:
    rows = _counted(actor).filter(closed_at__isnull=True, owner__isnull=False).order_by().values_list("owner_id")
    carried = {
        owner_id: (every, due)
        for owner_id, every, due in rows.annotate(Count("id"), due=Count("id", filter=Q(due_at__lt=until)))
    }
    members: dict[UUID, Membership] = {}
    teams: dict[UUID, list[str]] = {}
    for place in places:
        members[place.membership_id] = place.membership
        teams.setdefault(place.membership_id, []).append(place.team.name)
    return [
        Load(
            member.user.name,
            tuple(teams[member_id]),
            member.availability,
            *carried.get(member_id, (0, 0)),
            cap=member.open_lead_cap,
        )
        for member_id, member in members.items()
    ]
