"""Which channels of which leads may be used now, judged for lists: the same queries for one lead and for fifty."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.consent.in_stage import stage_asked
from apps.consent.queries import Asked, Reach, reaches_of_many
from apps.consent.terms import Channel
from apps.leads.models import Lead
from apps.outreach.models import Activity
from apps.outreach.terms import ActivityKind
from apps.policies.queries import live_document


def channels_of(
    leads: Sequence[Lead], now: datetime, zone: str, attempts: Mapping[UUID, int] | None = None
) -> dict[UUID, dict[Channel, Reach]]:
    """Return who may be contacted how, judged now, by lead; a list that has counted `attempts` by person hands
    them in."""
    people = {lead.id: lead.contact_person or lead.person for lead in leads}
    if attempts is None:
        attempts = attempts_by_person([lead.person_id for lead in leads], now - timedelta(days=1))
    document = live_document("contact", now)
    asked = [
        Asked(
            people[lead.id],
            lead.best_time,
            attempts.get(lead.person_id, 0),
            lead_id=lead.id,
            stage=stage_asked(lead, document),
        )
        for lead in leads
    ]
    return reaches_of_many(asked, now=now, document=document, default_zone=zone)


def attempts_by_person(person_ids: Iterable[UUID], since: datetime) -> dict[UUID, int]:
    """Return how often each person was called or texted since an instant."""
    counted = tries_since(since).filter(lead__person_id__in=list(person_ids))
    return dict(counted.values_list("lead__person_id", "n"))


def tries_since(since: datetime) -> "QuerySet[Any, Any]":
    """Return the calls and texts to people since an instant, counted as `n` for each `lead__person_id`."""
    rows = Activity.rows().filter(
        started_at__gte=since, direction="outbound", kind__in=[ActivityKind.CALL, ActivityKind.TEXT]
    )
    return rows.order_by().values("lead__person_id").annotate(n=Count("id"))


def is_reachable(reaches: Mapping[Channel, Reach]) -> bool:
    """Say whether any channel may be used now."""
    return any(reach.verdict.allowed for reach in reaches.values())
