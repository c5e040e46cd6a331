"""One contact with a person at a time: who is at it, taken by a short lease, given back when it is logged (TK-09)."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from apps.leads.models import Lead
from apps.outreach.models import LiveAttempt
from apps.outreach.terms import ATTEMPT_LIVE
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict
from apps.tenancy.organizations import current_organization
from apps.tenancy.writing import insert

#: So long a contact may last before it counts as over; who takes longer begins again.
LEASE = timedelta(minutes=10)
DOING = {"call": "on the phone with them", "text": "writing to them", "email": "writing to them"}


def live_attempt(lead: Lead, now: datetime, *, besides: Actor | None = None) -> LiveAttempt | None:
    """Return the contact that somebody is making with this lead's person now, through whichever lead."""
    rows = _open_with(lead).filter(until__gt=now)
    if besides is not None:
        rows = rows.exclude(actor_id=_id_of(besides))
    found: LiveAttempt | None = rows.order_by("begun_at").first()
    return found


def own_attempt(lead: Lead, actor: Actor, now: datetime) -> LiveAttempt | None:
    """Return the contact that this actor is making with the lead's person now."""
    found: LiveAttempt | None = _open_with(lead).filter(until__gt=now, actor_id=_id_of(actor)).first()
    return found


def begin_attempt(lead: Lead, *, channel: str, actor: Actor, now: datetime) -> LiveAttempt:
    """Take the lease on a contact; the caller has locked the lead's people.

    Who has it already goes on with it. Refuses everybody else with Conflict (`attempt_live`), and says who is at it.
    """
    held = live_attempt(lead, now, besides=actor)
    if held is not None:
        raise Conflict(told(held), code=ATTEMPT_LIVE)
    for before in _open_with(lead).select_for_update(of=("self",), no_key=True):
        before.ended_at = min(before.until, now)
        before.save(update_fields=["ended_at"])
    row = LiveAttempt(
        lead=lead,
        channel=channel,
        member_id=actor.membership_id,
        actor_id=_id_of(actor),
        actor_label=actor.label,
        begun_at=now,
        until=now + LEASE,
    )
    insert(row)
    return row


def end_attempts(lead: Lead, *, actor: Actor, now: datetime) -> int:
    """Give back what this actor holds on the lead's person; return how many leases ended."""
    ids = list(_open_with(lead).filter(actor_id=_id_of(actor)).values_list("id", flat=True))
    return LiveAttempt.rows().filter(id__in=ids, ended_at__isnull=True).update(ended_at=now)


def told(attempt: LiveAttempt) -> str:
    """Return "Ben Otis is on the phone with them since 10:02. It ends when they log it, by 10:12 at the latest."."""
    zone = ZoneInfo(current_organization().zone)
    since, until = attempt.begun_at.astimezone(zone), attempt.until.astimezone(zone)
    doing = DOING.get(attempt.channel, "in contact with them")
    who = attempt.actor_label
    return f"{who} is {doing} since {since:%H:%M}. It ends when they log it, by {until:%H:%M} at the latest."


def _open_with(lead: Lead) -> "QuerySet[LiveAttempt]":
    who: UUID = lead.contact_person_id or lead.person_id
    same = Q(lead__contact_person=who) | Q(lead__contact_person=None, lead__person=who) | Q(lead=lead.id)
    return LiveAttempt.rows().filter(same, ended_at__isnull=True)


def _id_of(actor: Actor) -> UUID:
    """Return by what an actor is told apart; the system holds nothing, so any id that is nobody's serves for it."""
    return actor.membership_id or actor.id or UUID(int=0)
