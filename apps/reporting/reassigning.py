"""Reads for giving many leads out at once: from whom, who could take them, and who would get how many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median_low
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import TeamMembership
from apps.accounts.terms import TAKES_LEADS
from apps.catalog.models import Queue
from apps.flows import bulk
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.reporting.board_terms import Share, Taker
from apps.reporting.decisions import spread
from apps.routing.queries import is_on_shift
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict

MOST = bulk.MOST_LEADS
PERSON, QUEUE = "person", "queue"
#: A deadline this near is told before a lead changes hands.
SOON = timedelta(hours=1)


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

    @property
    def gets(self) -> int:
        """How many of the leads they would really get."""
        return self.share.gets - len(self.cannot)

    @property
    def then(self) -> int:
        """What they would hold then; a lead that the rules refuse stays where it is."""
        return self.share.taker.open + self.gets


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would get which leads. `left` is what fits nowhere, `late` and `soon` count the deadlines that go along.

    `giver` is whose leads they are, None for those of a queue; `gives` is what they hold now.
    """

    origin: Origin
    found: int
    given: tuple[Given, ...]
    left: int
    late: int = 0
    soon: int = 0
    giver: str = ""
    gives: int = 0

    @property
    def keeps(self) -> int:
        """What the giver would hold then."""
        return self.gives - sum(each.gets for each in self.given)

    @property
    def fullest(self) -> Given | None:
        """Who would hold most then, of those who get something."""
        return max((each for each in self.given if each.gets), key=lambda each: each.then, default=None)

    @property
    def middle(self) -> int:
        """What the middle of the team would hold then, the giver included."""
        held = [each.then for each in self.given] + ([self.keeps] if self.giver else [])
        return median_low(held) if held else 0


def origins(actor: Actor) -> list[Origin]:
    """Return the people and queues of the actor's own teams, by team and name."""
    places = TeamMembership.rows().filter(team__in=list(actor.team_ids), team__is_active=True)
    people = [
        Origin(
            person_origin(row),
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


def person_origin(place: TeamMembership) -> str:
    """Return how a person within a team is named as the origin of leads."""
    return f"{PERSON} {place.team.key} {place.membership_id}"


def plan_of(actor: Actor, origin: Origin, most: int, now: datetime, to: UUID | None = None) -> Plan:
    """Return who would get which of the oldest open leads, and which of them the rules would refuse.

    They are spread by load, or go to the one person `to`, as far as that one has room.
    """
    ids = list(_leads(actor, origin).order_by("captured_at", "id").values_list("id", flat=True)[: min(most, MOST)])
    team = takers(actor, origin, now)
    able = (
        team if to is None else [replace(each, is_available=each.is_available and each.key == str(to)) for each in team]
    )
    shares = [replace(share, taker=was) for share, was in zip(spread(len(ids), able), team, strict=True)]
    given, at = [], 0
    for share in shares:
        own = tuple(ids[at : at + share.gets])
        at += share.gets
        given.append(Given(share, own, _refused(actor, origin, share, own, now)))
    stays = {line.lead_id for each in given for line in each.cannot}
    late, soon = _deadlines([each for each in ids[:at] if each not in stays], now)
    plan = Plan(origin, len(ids), tuple(given), len(ids) - at, late, soon)
    if origin.member_id is None:
        return plan
    held = Lead.rows().filter(closed_at__isnull=True, owner=origin.member_id, is_test=False).count()
    return replace(plan, giver=origin.label, gives=held)


def _deadlines(lead_ids: Sequence[UUID], now: datetime) -> tuple[int, int]:
    """Return how many of the leads are late, and how many are due soon."""
    late, soon = Q(due_at__lt=now), Q(due_at__gte=now, due_at__lte=now + SOON)
    counted = (
        Lead.rows().filter(id__in=lead_ids).aggregate(late=Count("id", filter=late), soon=Count("id", filter=soon))
    )
    return counted["late"], counted["soon"]


def still_planned(
    actor: Actor, origin: Origin, parts: Sequence[tuple[UUID, list[UUID]]], now: datetime
) -> list[tuple[UUID, list[UUID], int]]:
    """Return a previewed plan as it holds now: person, their leads, and how many leads are there no longer.

    The plan comes back from the browser, so nothing of it is believed: a lead that is not the origin's now is left
    out, unless its new owner has it already (the form was sent twice). Raises Conflict when somebody in the plan
    takes no leads of this origin any more, or nothing of it is left.
    """
    able = {each.key for each in takers(actor, origin, now) if each.is_available}
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


def takers(actor: Actor, origin: Origin, now: datetime) -> Sequence[Taker]:
    """Return the colleagues of the team with what they hold; the one who gives is not among them.

    Available is who takes leads and is on shift, as the board's alarms count them.
    """
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
            row.membership.availability in TAKES_LEADS and is_on_shift(row.membership_id, now),
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
