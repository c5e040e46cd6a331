"""Read what routing decides on: offices, queues with their hours, people and their turns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.terms import TAKES_LEADS
from apps.catalog.batches import next_batch
from apps.catalog.business_hours import Hours, is_open, next_opening
from apps.catalog.models import Queue
from apps.catalog.queries import (
    all_hours,
    locations_by_key,
    offered,
    queues_by_key,
    services_by_key,
    shifts,
    specialties,
)
from apps.leads.models import Lead
from apps.routing.models import RoutingDecision
from apps.routing.providers import provider_facts
from apps.routing.terms import Member, Network, Office, Place, QueueFact
from apps.tenancy.scope import current_organization_id

#: Written out, because every lead of a round-robin asks it.
_MEMBERS = """
    SELECT m.id, m.availability = ANY(%s), coalesce(t.last_turn, 0),
        (SELECT count(*) FROM leads_lead l WHERE l.organization_id = m.organization_id AND l.owner_id = m.id
            AND l.closed_at IS NULL AND NOT l.is_test),
        m.open_lead_cap, m.skills
    FROM accounts_teammembership tm
    JOIN accounts_membership m ON m.organization_id = tm.organization_id AND m.id = tm.membership_id
    JOIN accounts_user u ON u.id = m.user_id
    LEFT JOIN routing_memberturn t
        ON t.organization_id = m.organization_id AND t.membership_id = m.id AND t.queue_id = %s
    WHERE tm.organization_id = %s AND tm.team_id = %s AND m.is_active AND u.is_active
"""
_OPEN = """
    SELECT queue_id, count(*) FROM leads_lead
    WHERE organization_id = %s AND queue_id = ANY(%s) AND closed_at IS NULL AND NOT is_test AND id IS DISTINCT FROM %s
    GROUP BY queue_id
"""


def network(now: datetime, place: Place | None, *, service: str = "", besides: UUID | None = None) -> Network:
    """Return everything a lead can be sent to at this instant, and the skills that its service asks for.

    `besides` is a lead that is being routed anew: it takes up no room of the queue that it may lie in.
    """
    hours, services, known_for = all_hours(), offered(), specialties()
    nothing = frozenset[str]()
    offices = tuple(
        Office(
            key=row.key,
            name=row.name,
            latitude=row.latitude,
            longitude=row.longitude,
            services=services.get(row.key, nothing),
            is_available=row.is_available,
            specialties=known_for.get(row.key, nothing),
            unavailable_because=row.unavailable_because,
            fallback_key=row.fallback.key if row.fallback else None,
        )
        for row in locations_by_key().values()
    )
    found = open_in_queues([row.id for row in queues_by_key().values() if row.capacity is not None], besides)
    queues = tuple(
        _queue_fact(row, hours[row.calendar_id], now, found.get(row.id, 0)) for row in queues_by_key().values()
    )
    asked = services_by_key().get(service)
    skills = tuple(asked.skills) if asked else ()
    return Network(offices, queues, place, skills, provider_facts(service, now), now)


def open_in_queues(queue_ids: Sequence[UUID], besides: UUID | None = None) -> dict[UUID, int]:
    """Return how many open leads lie in each of these queues; tests fill no queue. No query for none."""
    if not queue_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [current_organization_id(), list(queue_ids), besides])
        return {UUID(str(queue_id)): int(count) for queue_id, count in cursor.fetchall()}


def members_of(queue: Queue, now: datetime) -> list[Member]:
    """Return the people of a queue's team as candidates, with their turns, open leads and shifts, in one query.

    Test leads fill nobody's day (row VQ-09).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _MEMBERS, [[str(each) for each in TAKES_LEADS], queue.id, current_organization_id(), queue.team_id]
        )
        rows = cursor.fetchall()
    return [
        Member(member_id, is_there, last_turn, held, cap, frozenset(skills), is_on_shift(member_id, now))
        for member_id, is_there, last_turn, held, cap, skills in rows
    ]


def is_on_shift(membership_id: UUID, now: datetime) -> bool:
    """Say whether a person works at an instant; who works in no shifts works at any."""
    calendar_id = shifts().get(membership_id)
    return calendar_id is None or is_open(all_hours()[calendar_id], now)


def latest_decision(lead: Lead) -> RoutingDecision | None:
    """Return the routing that holds for a lead."""
    return (
        RoutingDecision.rows()
        .filter(lead=lead)
        .select_related("version", "experiment", "queue", "member__user")
        .order_by("-decided_at", "-id")
        .first()
    )


def decisions_of(lead: Lead) -> list[RoutingDecision]:
    """Return all routings of a lead, newest first."""
    rows = RoutingDecision.rows().filter(lead=lead).select_related("version", "experiment", "queue", "member__user")
    return list(rows.order_by("-decided_at", "-id"))


def opening_of(queue: Queue, now: datetime, hours: dict[UUID, Hours] | None = None) -> datetime:
    """Return `now` when the queue is open, else its next opening; `now` again when it never opens."""
    own = (hours or all_hours())[queue.calendar_id]
    return now if is_open(own, now) else next_opening(own, now) or now


def _queue_fact(row: Queue, hours: Hours, now: datetime, open_leads: int) -> QueueFact:
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
        open_leads=open_leads,
        capacity=row.capacity,
        overflow_key=row.overflow_queue.key if row.overflow_queue else None,
        batch_at=next_batch(row.batch_times, hours, now),
        channels=tuple(row.channels),
    )


def as_words(decision: RoutingDecision, verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decision as pages and answers show it; `verdict` is its own, as far as the reader may see it."""
    return {
        "rule_id": decision.rule_id,
        "version": decision.version.number if decision.version else None,
        "experiment": f"E-{decision.experiment.number}" if decision.experiment else "",
        "arm": decision.arm,
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
