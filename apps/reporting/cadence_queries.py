"""What came of cadences: how many messages of each step went, arrived, were opened and answered, and who booked."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from apps.outreach.cadence_terms import RunEnd, StepState
from apps.outreach.models import CadenceRun, CadenceStep, Engagement
from apps.outreach.terms import EngagementKind, MessageState
from apps.ownership.queries import visible_leads
from apps.reporting.queries import COLUMNS, Wanted
from apps.reporting.terms import CadenceTally
from apps.tenancy.actor import Actor

#: Columns of a tally that are counted from what the person did with a message, by the kinds of events.
_HEARD = {
    "delivered": (EngagementKind.DELIVERED, EngagementKind.OPENED, EngagementKind.CLICKED, EngagementKind.REPLIED),
    "opened": (EngagementKind.OPENED, EngagementKind.CLICKED),
    "clicked": (EngagementKind.CLICKED, EngagementKind.SCHEDULING_LINK),
    "replied": (EngagementKind.REPLIED,),
}


def cadence_tallies(actor: Actor, wanted: Wanted) -> list[CadenceTally]:
    """Return a tally for each cadence that began in the period, followed by those of its steps; three queries.

    An opt-out and a booking count to the last step that was done before.
    """
    runs = _runs(actor, wanted)
    begun = dict(runs.order_by().values_list("cadence").annotate(n=Count("id")))
    ends = _ends(runs)
    found: dict[str, list[CadenceTally]] = defaultdict(list)
    for row in _sent(runs):
        cadence, number = row["run__cadence"], row["number"]
        found[cadence].append(
            CadenceTally(
                cadence=cadence,
                step=f"{number}. {row['key']}",
                leads=row["done"],
                sent=row["sent"],
                **{name: row[f"n_{name}"] for name in _HEARD},
                opted_out=ends[cadence, number, str(RunEnd.OPTED_OUT)],
                booked=ends[cadence, number, str(RunEnd.BOOKED)],
            )
        )
    return [each for key in sorted(found) for each in [_whole(key, begun.get(key, 0), found[key], ends), *found[key]]]


def _runs(actor: Actor, wanted: Wanted) -> QuerySet[CadenceRun]:
    leads = visible_leads(actor).filter(is_test=False)
    for segment, key in wanted.chosen.items():
        leads = leads.filter(**{f"{COLUMNS[segment]}__key": key})
    period = wanted.period
    rows: QuerySet[CadenceRun] = CadenceRun.rows().filter(lead__in=leads.values("id"))
    return rows.filter(started_at__gte=period.starts_at, started_at__lt=period.ends_at)


def _sent(runs: QuerySet[CadenceRun]) -> list[dict[str, Any]]:
    """Return for each step how many were done, went, and what their people did with them."""
    steps = CadenceStep.rows().filter(run__in=runs.order_by().values("id"))
    did = {
        f"is_{name}": Exists(Engagement.rows().filter(message=OuterRef("message"), kind__in=list(map(str, kinds))))
        for name, kinds in _HEARD.items()
    }
    went = Q(message__state=MessageState.SENT)
    counts = {f"n_{name}": Count("id", filter=went & Q(**{f"is_{name}": True})) for name in _HEARD}
    rows = steps.annotate(**did).order_by().values("run__cadence", "number", "key")
    rows = rows.annotate(done=Count("id", filter=Q(state=StepState.DONE)), sent=Count("id", filter=went), **counts)
    return [dict(row) for row in rows.order_by("run__cadence", "number")]


def _ends(runs: QuerySet[CadenceRun]) -> defaultdict[tuple[str, int, str], int]:
    """Return how many runs ended why, by cadence and the last step that was done; step 0 is before the first."""
    told = runs.filter(ended_because__in=[str(RunEnd.OPTED_OUT), str(RunEnd.BOOKED)]).annotate(
        last=Max("steps__number", filter=Q(steps__state=StepState.DONE))
    )
    found: defaultdict[tuple[str, int, str], int] = defaultdict(int)
    for cadence, last, why in told.annotate(why=F("ended_because")).values_list("cadence", "last", "why"):
        found[cadence, last or 0, why] += 1
    return found


def _whole(
    key: str, begun: int, steps: list[CadenceTally], ends: defaultdict[tuple[str, int, str], int]
) -> CadenceTally:
    summed = {name: sum(getattr(each, name) for each in steps) for name in ("sent", *_HEARD)}
    ended = {
        name: sum(n for (cadence, _step, why), n in ends.items() if (cadence, why) == (key, str(end)))
        for name, end in (("opted_out", RunEnd.OPTED_OUT), ("booked", RunEnd.BOOKED))
    }
    return CadenceTally(cadence=key, step="", leads=begun, **summed, **ended)
