"""Reads for giving many leads out at once: from whom, who could take them, and who would get how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.accounts.models import TeamMembership
from apps.accounts.terms import TAKES_LEADS
from apps.catalog.models import Queue
from apps.flows import bulk
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.reporting.board_terms import Share, Taker
from apps.reporting.decisions import spread
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict

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


def still_planned(
    actor: Actor, origin: Origin, parts: Sequence[tuple[UUID, list[UUID]]]
) -> list[tuple[UUID, list[UUID], int]]:
    """Return a previewed plan as it holds now: person, their leads, and how many leads are there no longer.

    The plan comes back from the browser, so nothing of it is believed: a lead that is not the origin's now is left
    out, unless its new owner has it already (the form was sent twice). Raises Conflict when somebody in the plan
    takes no leads of this origin any more, or nothing of it is left.
    """
    able = {each.key for each in takers(actor, origin) if each.is_available}
    if any(str(member_id) not in able for member_id, _ids in parts):
        raise Conflict("Who can take these leads has changed. Look at the preview again.", code="preview_changed")
    wanted = [each for _member, ids in parts for each in ids]
    here = set(_leads(actor, origin).filter(id__in=wanted).values_list("id", flat=True))
    given = dict(visible_leads(actor).filter(id__in=wanted).values_list("id", "owner_id"))
    found = []
    for member_id, ids in parts:
        own = [each for each in ids if each in here or given.get(each) == member_id]
        if own:
            found.append((member_id, own, len(ids) - len(own)))
    if not found:
        raise Conflict("These leads are with others by now. Look at the preview again.", code="preview_changed")
    return found


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
            row.membership.availability in TAKES_LEADS,
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
