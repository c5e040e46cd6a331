"""Numbers beside the lists: how many leads each view holds, what came and was handled, one's own day.

Each page asks for its numbers in one statement. A count stops at 100, so that it costs the same in a queue of a
thousand leads and of a million; what is more is shown as "99+".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from apps.accounts.models import Notice
from apps.accounts.terms import Permission
from apps.appointments.models import AppointmentEvent
from apps.appointments.terms import AppointmentState
from apps.capture.models import Submission
from apps.capture.sight import visible_submissions
from apps.leads.models import Lead
from apps.leads.terms import IMPORT_UNDONE
from apps.outreach.models import Activity
from apps.outreach.telephone import ringing
from apps.outreach.terms import REACHED
from apps.ownership.queries import visible_leads
from apps.sla.models import SlaTimer
from apps.sla.terms import ClockKind
from apps.tenancy.actor import Actor
from apps.tenancy.models import Organization
from apps.tenancy.scope import current_organization_id, scope_memo
from apps.workspace.queries import LeadFilter, seen_leads, view_condition

CAP = 99
HOURS = 12
MOST_NOTICES = 10
RAIL = "rail_counts"
COUNTED = ("new", "mine", "unassigned", "late", "callbacks", "waiting", "scheduled")


class HourOf(Func):
    """The hour that an instant falls in. Without a parameter, so that the database can group by it."""

    template = "date_trunc('hour', %(expressions)s, 'UTC')"
    output_field = DateTimeField()


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the spark: what came and what was handled first in it."""

    starts_at: datetime
    arrived: int
    handled: int


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Counts by view (at most 100 each), those of this list among them, and the last twelve hours."""

    counts: dict[str, int]
    shown: int
    hours: list[Hour]


@dataclass(frozen=True, slots=True)
class Day:
    """One person's own day, what waits for somebody to take it, and what they were told: id, sentence, address."""

    contacts: int
    reached: int
    bookings: int
    first_contact_seconds: float | None
    unassigned: int
    exceptions: int
    notices: tuple[Mapping[str, str], ...] = ()
    ringing: int = 0


def label(count: int) -> str:
    """Return a capped count as it is shown."""
    return str(count) if count <= CAP else f"{CAP}+"


def queue_figures(actor: Actor, wanted: LeadFilter, now: datetime) -> QueueFigures:
    """Return the numbers of the queue's page, in one statement."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    shown = visible_leads(actor).filter(is_test=False).exclude(closure_reason=IMPORT_UNDONE)
    found = _asked(
        actor,
        **_counts(actor, wanted, now),
        arrived=_by_hour(shown.filter(created_at__gte=first, created_at__lte=now), "created_at"),
        handled=_by_hour(
            shown.filter(outreach_started_at__gte=first, outreach_started_at__lte=now), "outreach_started_at"
        ),
    )
    # Whoever may see no lead at all is told of none: the database is not even asked.
    counts = (found["tallies"] or [{}])[0] if "tallies" in found else found
    arrived, handled = (_hours(found[name]) for name in ("arrived", "handled"))
    starts = [first + timedelta(hours=n) for n in range(HOURS)]
    return QueueFigures(
        {view: min(counts.get(f"n_{view}", 0), CAP + 1) for view in COUNTED},
        min(counts.get("shown", 0), CAP + 1),
        [Hour(each, arrived.get(each, 0), handled.get(each, 0)) for each in starts],
    )


def _counts(actor: Actor, wanted: LeadFilter, now: datetime) -> dict[str, Any]:
    """Return the counts of the views and of this list.

    Who sees every lead finds a hundred of a view soon. Who sees some of them is asked about each open lead, and that
    once for all counts together.
    """
    if actor.may(Permission.LEAD_VIEW_ALL):
        views = {f"n_{view}": capped(seen_leads(actor, LeadFilter(view=view), now)) for view in COUNTED}
        return views | {"shown": capped(seen_leads(actor, wanted, now))}
    asked = {f"n_{view}": view_condition(view, actor, now, over_all=True) for view in COUNTED}
    asked["shown"] = view_condition(wanted.view, actor, now, over_all=True) & wanted.narrowing
    tallies = {name: Count("id", filter=condition or None) for name, condition in asked.items()}
    rows = seen_leads(actor, LeadFilter(), now).order_by().annotate(every=Value(1)).values("every").annotate(**tallies)
    return {"tallies": ArraySubquery(rows.values(json=JSONObject(**{name: name for name in tallies})))}


def my_day(actor: Actor, since: datetime, now: datetime) -> Day:
    """Return a person's own numbers since an instant, in one statement; tests are no work."""
    mine = Activity.rows().filter(member=actor.membership_id, started_at__gte=since, lead__is_test=False)
    booked = AppointmentEvent.rows().filter(at__gte=since, state=AppointmentState.SCHEDULED, actor_label=actor.label)
    met = SlaTimer.rows().filter(
        kind=ClockKind.FIRST_CONTACT, met_at__gte=since, lead__in=mine.values("lead"), lead__is_test=False
    )
    told = Notice.rows().filter(member=actor.membership_id, seen_at=None).order_by("-made_at", "-id")
    free = seen_leads(actor, LeadFilter(view="unassigned"), now).filter(owner_team__in=list(actor.team_ids))
    found = _asked(
        actor,
        contacts=capped(mine, limit=1000),
        reached=capped(mine.filter(outcome__in=REACHED), limit=1000),
        bookings=capped(booked),
        first_contact=ArraySubquery(met.values(json=JSONObject(start="started_at", end="met_at"))[:1000]),
        unassigned=capped(free),
        exceptions=capped(seen_leads(actor, LeadFilter(view="exceptions"), now)),
        ringing=capped(ringing(now)),
        notices=ArraySubquery(told.values(json=JSONObject(id="id", sentence="sentence", url="url"))[:MOST_NOTICES]),
    )
    took = [
        (datetime.fromisoformat(each["end"]) - datetime.fromisoformat(each["start"])).total_seconds()
        for each in found["first_contact"] or ()
    ]
    return Day(
        found["contacts"],
        found["reached"],
        found["bookings"],
        median(took) if took else None,
        found["unassigned"],
        found["exceptions"],
        tuple(found["notices"] or ()),
        found["ringing"],
    )


def capped(rows: QuerySet[Any], limit: int = CAP + 1) -> Coalesce:
    """Return how many rows there are, counted no further than the limit; 0 too where there can be none."""
    few = Cast(ArraySubquery(rows.order_by().annotate(one=Value(1)).values("one")[:limit]), ArrayField(IntegerField()))
    return Coalesce(Func(few, function="CARDINALITY", output_field=IntegerField()), 0)


def _by_hour(rows: QuerySet[Lead], column: str) -> ArraySubquery:
    hours = rows.order_by().annotate(hour=HourOf(column)).values("hour").annotate(n=Count("id"))
    return ArraySubquery(hours.values(json=JSONObject(hour="hour", n="n")))


def _hours(found: list[Mapping[str, Any]] | None) -> dict[datetime, int]:
    return {datetime.fromisoformat(each["hour"]).replace(tzinfo=UTC): each["n"] for each in found or ()}


def rail_counts(actor: Actor) -> tuple[int, int, int]:
    """Return the actor's own open leads, those of their teams that nobody has taken, and what waits in quarantine.

    None is counted further than 100. A page that asks for figures anyway has asked for these in the same statement.
    """
    memo = scope_memo()
    if memo is not None and RAIL in memo:
        mine, free, suspect = memo[RAIL]
        return mine, free, suspect
    return _rail_of(_answers(_rail(actor)))


def _rail_of(found: Mapping[str, Any]) -> tuple[int, int, int]:
    return found["rail_mine"], found["rail_free"], found.get("rail_suspect", 0)


def _rail(actor: Actor) -> dict[str, Any]:
    """A team sees the leads that it owns: no count tells of a lead that its reader may not open."""
    opened = Lead.rows().filter(closed_at__isnull=True, is_test=False)
    suspect = Submission.rows().filter(visible_submissions(actor), state="quarantined")
    return {
        **({"rail_suspect": capped(suspect)} if actor.may(Permission.SUBMISSION_READ) else {}),
        "rail_mine": capped(opened.filter(owner=actor.membership_id)),
        "rail_free": capped(opened.filter(owner__isnull=True, owner_team__in=list(actor.team_ids))),
    }


def _asked(actor: Actor, **expressions: Any) -> dict[str, Any]:
    """Return the values of expressions that stand on no table of their own, and keep the rail's beside them."""
    found = _answers(expressions | _rail(actor))
    memo = scope_memo()
    if memo is not None:
        memo[RAIL] = _rail_of(found)
    return found


def _answers(expressions: Mapping[str, Any]) -> dict[str, Any]:
    return dict(Organization.objects.filter(id=current_organization_id()).values(**expressions).get())
