"""Reads for the supervisor board: how queues and people stand now. The same number of queries for any size."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.accounts.models import Membership, TeamMembership
from apps.accounts.terms import TAKES_LEADS, Permission
from apps.catalog.models import Queue
from apps.leads.models import Lead
from apps.leads.terms import IMPORT_UNDONE
from apps.ownership.queries import visible_leads
from apps.reporting.board_terms import SECONDS_PER_LEAD, Load, QueueHealth, TeamTotal
from apps.reporting.queries import talks
from apps.reporting.reassigning import person_origin
from apps.routing.queries import is_on_shift
from apps.sla.models import SlaTimer
from apps.sla.terms import ClockKind
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization

ARRIVALS_OVER, JUDGED_OVER = timedelta(hours=1), timedelta(days=1)
HEAT_HOURS = 8


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board shows."""

    queues: list[QueueHealth]
    people: list[Load]
    others: list[TeamTotal]
    hours: list[datetime]


def board_of(actor: Actor, now: datetime, until: datetime) -> Board:
    """Return the board: the actor's own teams in full, the other teams as totals.

    Who reads every lead and works on none (compliance, marketing operations) sees all teams in full.
    `until` is the end of the day up to which a lead counts as due.
    """
    own = own_teams(actor)
    places = _places(own)
    standing = _standing(actor, now)
    rows = list(Queue.rows().filter(is_active=True).select_related("team").order_by("name"))
    return Board(
        _queues([row for row in rows if is_own(own, row.team_id)], standing, _lately(actor, now), places, now),
        _people(actor, until, places),
        _others([row for row in rows if not is_own(own, row.team_id)], standing),
        heat_hours(now),
    )


def own_teams(actor: Actor) -> frozenset[UUID] | None:
    """Return the teams that the actor sees in full; None stands for all."""
    reads_all = actor.may(Permission.LEAD_VIEW_ALL) and not actor.may(Permission.LEAD_EDIT)
    return None if reads_all else actor.team_ids


def is_own(own: frozenset[UUID] | None, team_id: UUID) -> bool:
    """Say whether a team is among those seen in full."""
    return own is None or team_id in own


def heat_hours(now: datetime) -> list[datetime]:
    """Return the starts of the hours that the heat map shows, this one first."""
    first = now.replace(minute=0, second=0, microsecond=0)
    return [first + timedelta(hours=at) for at in range(HEAT_HOURS)]


def _counted(actor: Actor) -> QuerySet[Lead]:
    return visible_leads(actor).filter(is_test=False).exclude(closure_reason=IMPORT_UNDONE)


def _places(own: frozenset[UUID] | None) -> list[TeamMembership]:
    rows = TeamMembership.rows().filter(membership__is_active=True, team__is_active=True)
    if own is not None:
        rows = rows.filter(team__in=list(own))
    return list(rows.select_related("membership__user", "team").order_by("membership__user__name", "team__name"))


def _queues(
    rows: list[Queue],
    standing: dict[UUID, dict[str, Any]],
    lately: dict[UUID, dict[str, Any]],
    places: list[TeamMembership],
    now: datetime,
) -> list[QueueHealth]:
    available: dict[UUID, int] = {}
    for place in places:
        is_there = place.membership.availability in TAKES_LEADS and is_on_shift(place.membership_id, now)
        available[place.team_id] = available.get(place.team_id, 0) + is_there
    return [
        replace(
            QueueHealth(row.key, row.name, row.team.name, row.max_wait_seconds),
            **standing.get(row.id, {}),
            **lately.get(row.id, {}),
            available=available.get(row.team_id, 0),
        )
        for row in rows
    ]


def _others(rows: list[Queue], standing: dict[UUID, dict[str, Any]]) -> list[TeamTotal]:
    totals: dict[str, TeamTotal] = {}
    for row in rows:
        figures = standing.get(row.id, {})
        total = totals.get(row.team.name, TeamTotal(row.team.name))
        totals[row.team.name] = replace(
            total,
            open=total.open + figures.get("open", 0),
            unassigned=total.unassigned + figures.get("unassigned", 0),
            late=total.late + figures.get("late", 0),
        )
    return sorted(totals.values(), key=lambda each: each.team.lower())


def _standing(actor: Actor, now: datetime) -> dict[UUID, dict[str, Any]]:
    """Return the figures of the open leads of each queue, in one query. At risk is what the clocks of contact say."""
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
    hours = heat_hours(now)
    due = {
        f"hour_{at}": Count("id", filter=Q(due_at__gte=max(start, now), due_at__lt=start + timedelta(hours=1)))
        for at, start in enumerate(hours)
    }
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
            **due,
        )
    )
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        figures: dict[str, Any] = dict(row)
        figures["due_by_hour"] = tuple(figures.pop(name) for name in due)
        found[figures.pop("queue_id")] = figures
    return found


def _lately(actor: Actor, now: datetime) -> dict[UUID, dict[str, Any]]:
    """Return what each queue got and handled in the last hour, its target, how its clocks ended: three queries."""
    since = now - ARRIVALS_OVER
    came, handled = Q(created_at__gt=since, created_at__lte=now), Q(outreach_started_at__gt=since)
    rows = _counted(actor).filter(came | handled, queue__isnull=False).order_by().values("queue_id")
    found: dict[UUID, dict[str, Any]] = {
        row["queue_id"]: {"arrivals": row["came"], "handled": row["handled"]}
        for row in rows.annotate(came=Count("id", filter=came), handled=Count("id", filter=handled))
    }
    met = Q(met_at__isnull=False, met_at__lte=F("due_at"))
    ended = Q(met_at__isnull=False) | Q(paused_at__isnull=True)
    clocks = SlaTimer.rows().filter(
        ended,
        kind=ClockKind.FIRST_CONTACT,
        cancelled_at__isnull=True,
        due_at__gt=now - JUDGED_OVER,
        due_at__lte=now,
        lead__is_test=False,
        lead__queue__isnull=False,
    )
    if not actor.may(Permission.LEAD_VIEW_ALL):
        clocks = clocks.filter(lead_id__in=visible_leads(actor).values("id"))
    counted = clocks.order_by().values("lead__queue_id").annotate(n=Count("id"), within=Count("id", filter=met))
    for row in counted:
        mine = found.setdefault(row["lead__queue_id"], {})
        mine["judged"], mine["within"] = row["n"], row["within"]
    promised = SlaTimer.rows().filter(
        kind=ClockKind.FIRST_CONTACT, started_at__gt=since, started_at__lte=now, lead__queue__isnull=False
    )
    shortest = promised.order_by().values("lead__queue_id").annotate(target=Min("limit_seconds"))
    for each in shortest:
        found.setdefault(each["lead__queue_id"], {})["target_seconds"] = each["target"]
    return found


def seconds_per_lead() -> int:
    """Return how long a first contact takes here: the tenant's setting `minutes_per_lead`, else the usual time."""
    held = current_organization().settings.get("minutes_per_lead")
    is_given = isinstance(held, int) and not isinstance(held, bool) and 0 < held <= 240
    return held * 60 if is_given else SECONDS_PER_LEAD


def _people(actor: Actor, until: datetime, places: list[TeamMembership]) -> list[Load]:
    rows = _counted(actor).filter(closed_at__isnull=True, owner__isnull=False).order_by().values_list("owner_id")
    carried = {
        owner_id: (every, due)
        for owner_id, every, due in rows.annotate(Count("id"), due=Count("id", filter=Q(due_at__lt=until)))
    }
    members: dict[UUID, Membership] = {}
    teams: dict[UUID, list[str]] = {}
    origins: dict[UUID, list[str]] = {}
    for place in places:
        origins.setdefault(place.membership_id, []).append(person_origin(place))
        members[place.membership_id] = place.membership
        teams.setdefault(place.membership_id, []).append(place.team.name)
    return [
        Load(
            member.user.name,
            tuple(teams[member_id]),
            member.availability,
            *carried.get(member_id, (0, 0)),
            cap=member.open_lead_cap,
            origins=tuple(origins[member_id]),
        )
        for member_id, member in members.items()
    ]
