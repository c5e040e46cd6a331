"""How many arrivals were duplicates, by source, campaign and partner (row DU-15): one query for all three."""

from django.db.models import CharField, Count, F
from django.db.models import Value as V
from django.db.models.functions import Coalesce

from apps.leads.models import Touch
from apps.ownership.queries import visible_leads
from apps.reporting.queries import COLUMNS, NAMELESS, Wanted
from apps.reporting.terms import ArrivalTally, Origin, Segment
from apps.tenancy.actor import Actor

_OF_TOUCH = (Segment.SOURCE, Segment.CAMPAIGN)


def arrival_tallies(actor: Actor, wanted: Wanted) -> list[ArrivalTally]:
    """Return how many arrivals of each origin got which verdict; of leads that the actor may see, tests excluded."""
    period = wanted.period
    rows = Touch.rows().filter(at__gte=period.starts_at, at__lt=period.ends_at)
    rows = rows.filter(lead__in=visible_leads(actor).filter(is_test=False))
    for segment, key in wanted.chosen.items():
        owner = "" if segment in _OF_TOUCH else "lead__"
        rows = rows.filter(**{f"{owner}{COLUMNS[segment]}__key": key})
    named = {each: Coalesce(F(f"{each}__name"), V(NAMELESS), output_field=CharField()) for each in Origin}
    names = {f"of_{each}": name for each, name in named.items()}
    counted = rows.annotate(**names).order_by().values_list(*names, "verdict").annotate(Count("id"))
    return [ArrivalTally(dict(zip(Origin, row[:-2], strict=True)), row[-2], row[-1]) for row in counted]
