"""Reads for the calls by number: who dialled which line, and whether they wanted what it stands for."""

from collections import Counter

from django.db.models import Exists, OuterRef

from apps.appointments.models import Appointment
from apps.capture.models import Submission
from apps.catalog.models import TrackingNumber
from apps.leads.models import Touch
from apps.ownership.queries import visible_leads
from apps.reporting.queries import COLUMNS, Wanted
from apps.reporting.terms import LineTally
from apps.tenancy.actor import Actor

#: How a call came in; a text to the same number is none.
CALL = "call"
#: A later word on a call belongs to it and is none of its own.
LATER_WORD = "update"


def line_tallies(actor: Actor, wanted: Wanted) -> list[LineTally]:
    """Return the calls of the period by the number that was dialled, most calls first; lines nobody called too."""
    lines = {row.number: row for row in TrackingNumber.rows().select_related("campaign").order_by("number")}
    counted: dict[str, Counter[str]] = {number: Counter() for number in lines}
    for number, service, is_scheduled in _calls(actor, wanted):
        line = lines.get(number)
        services = line.campaign.services if line is not None and line.campaign is not None else []
        own = counted.setdefault(number, Counter())
        own["calls"] += 1
        own["scheduled"] += is_scheduled
        if services and service:
            own["matched" if service in services else "mismatched"] += 1
    found = [_tally(number, lines.get(number), own) for number, own in counted.items()]
    return sorted(found, key=lambda each: (-each.calls, each.number))


def _calls(actor: Actor, wanted: Wanted) -> list[tuple[str, str | None, bool]]:
    """Return number, service and whether a visit is on record, for each call of the period that the actor may see."""
    period = wanted.period
    leads = visible_leads(actor).filter(is_test=False)
    for segment, key in wanted.chosen.items():
        leads = leads.filter(**{f"{COLUMNS[segment]}__key": key})
    visits = Appointment.rows().filter(lead_id=OuterRef("lead_id"))
    spoken = Submission.rows().filter(id=OuterRef("submission_id"), capture_method=CALL)
    rows = Touch.rows().filter(lead_id__in=leads.values("id"), at__gte=period.starts_at, at__lt=period.ends_at)
    rows = rows.filter(attribution__has_key="tracking_number").exclude(verdict=LATER_WORD).filter(Exists(spoken))
    named = rows.annotate(is_scheduled=Exists(visits)).order_by()
    return list(named.values_list("attribution__tracking_number", "lead__service__key", "is_scheduled"))


def _tally(number: str, line: TrackingNumber | None, own: Counter[str]) -> LineTally:
    return LineTally(
        number=number,
        label=line.label if line is not None else "",
        campaign=line.campaign.name if line is not None and line.campaign is not None else "",
        calls=own["calls"],
        matched=own["matched"],
        mismatched=own["mismatched"],
        scheduled=own["scheduled"],
    )
