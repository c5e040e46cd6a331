"""Read what routing decides on: offices, queues with their hours, people and their turns."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.accounts.models import Membership, TeamMembership
from apps.accounts.terms import Availability
from apps.catalog.business_hours import Hours, is_open, next_opening
from apps.catalog.models import Queue
from apps.catalog.queries import all_hours, locations_by_key, offered, queues_by_key
from apps.leads.models import Lead
from apps.routing.models import MemberTurn, RoutingDecision
from apps.routing.terms import Member, Network, Office, Place, QueueFact

TAKES_LEADS = (Availability.AVAILABLE, Availability.ON_CALL, Availability.WRAP_UP)


def network(now: datetime, place: Place | None) -> Network:
    """Return everything a lead can be sent to at this instant."""
    hours, services = all_hours(), offered()
    offices = tuple(
        Office(row.key, row.name, row.latitude, row.longitude, services.get(row.key, frozenset()), row.is_available)
        for row in locations_by_key().values()
    )
    queues = tuple(_queue_fact(row, hours[row.calendar_id], now) for row in queues_by_key().values())
    return Network(offices, queues, place)


def members_of(queue: Queue) -> list[Member]:
    """Return the people of a queue's team as candidates, with their turns and open leads."""
    return [as_candidate(row) for row in people_of(queue)]


def people_of(queue: Queue) -> QuerySet[TeamMembership]:
    """Return the people of a queue's team, each with `last_turn` in it and `open_leads`; one query.

    Test leads fill nobody's day (row VQ-09).
    """
    turns = MemberTurn.rows().filter(queue=queue, membership_id=OuterRef("membership_id")).values("last_turn")
    owned = Lead.rows().filter(owner_id=OuterRef("membership_id"), closed_at__isnull=True, is_test=False)
    count = owned.order_by().values("owner_id").annotate(n=Count("id")).values("n")
    people = TeamMembership.rows().filter(team_id=queue.team_id).select_related("membership__user")
    return people.annotate(last_turn=Coalesce(Subquery(turns), 0), open_leads=Coalesce(Subquery(count), 0))


def as_candidate(row: Any) -> Member:
    """Return a row of `people_of` as the decision about turns sees it."""
    person = row.membership
    return Member(person.id, is_available(person), row.last_turn, row.open_leads, person.open_lead_cap)


def is_available(person: Membership) -> bool:
    """Say whether a person takes new leads now."""
    return person.is_active and person.user.is_active and person.availability in TAKES_LEADS


def latest_decision(lead: Lead) -> RoutingDecision | None:
    """Return the routing that holds for a lead."""
    return (
        RoutingDecision.rows()
        .filter(lead=lead)
        .select_related("version", "queue", "member__user")
        .order_by("-decided_at", "-id")
        .first()
    )


def decisions_of(lead: Lead) -> list[RoutingDecision]:
    """Return all routings of a lead, newest first."""
    rows = RoutingDecision.rows().filter(lead=lead).select_related("version", "queue", "member__user")
    return list(rows.order_by("-decided_at", "-id"))


def opening_of(queue: Queue, now: datetime, hours: dict[UUID, Hours] | None = None) -> datetime:
    """Return `now` when the queue is open, else its next opening; `now` again when it never opens."""
    own = (hours or all_hours())[queue.calendar_id]
    return now if is_open(own, now) else next_opening(own, now) or now


def _queue_fact(row: Queue, hours: Hours, now: datetime) -> QueueFact:
    open_now = is_open(hours, now)
    return QueueFact(
        key=row.key,
        name=row.name,
        team_key=row.team.key,
        location_key=row.location.key if row.location else None,
        tag=row.tag,
        method=row.method,
        is_active=row.is_active and row.team.is_active,
        is_open=open_now,
        opens_at=None if open_now else next_opening(hours, now),
        after_hours_key=row.after_hours_queue.key if row.after_hours_queue else None,
        max_wait_seconds=row.max_wait_seconds,
    )


def as_words(decision: RoutingDecision) -> dict[str, Any]:
    """Return a decision as pages and answers show it."""
    verdict = decision.verdict
    return {
        "rule_id": decision.rule_id,
        "version": decision.version.number if decision.version else None,
        "reason": verdict.get("reason", ""),
        "path": verdict.get("path", []),
        "alternatives": verdict.get("alternatives", []),
        "facts": decision.facts,
        "queue": decision.queue.name,
        "member": decision.member.user.name if decision.member else "",
        "decided_at": decision.decided_at,
        "cause": decision.cause,
        "is_fallback": decision.is_fallback,
    }
