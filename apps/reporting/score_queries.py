"""What scores foretold and what came of it: each lead by the first score it was given (row SC-14).

A later score has heard of the answer already: of who books one knows more. The first is what a colleague saw.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from apps.appointments.models import Appointment
from apps.leads.terms import PATIENT
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.models import RuleSetVersion
from apps.qualification.models import ScoreResult
from apps.qualification.terms import Part
from apps.reporting.queries import Wanted, conversions, counted_leads, has_row
from apps.reporting.terms import ENOUGH
from apps.tenancy.actor import Actor

_COUNTS = ("leads", "open", "scheduled", "completed")


@dataclass(frozen=True, slots=True)
class BandTally:
    """The leads whose first score fell into a band of one part, under one version of the scorecard (0: none)."""

    version: int
    part: Part
    band: str
    top: int
    leads: int
    open: int
    scheduled: int
    completed: int

    @property
    def is_enough(self) -> bool:
        """False below the number from which shares are shown."""
        return self.leads >= ENOUGH


@dataclass(slots=True)
class _Sum:
    top: int
    counts: Counter[str]


def band_tallies(actor: Actor, wanted: Wanted) -> list[BandTally]:
    """Return what came of the patients' inquiries of the period by band: newest version first, highest band first."""
    leads = counted_leads(actor, wanted).filter(pipeline__key=PATIENT).order_by()
    scores = ScoreResult.rows().filter(lead_id=OuterRef("id")).order_by("scored_at", "id")
    told = {part.value: F(part.value) for part in Part}
    told |= {f"{part}_band": F(f"verdict__{part}__band") for part in Part}
    first = scores.values(told=JSONObject(version=F("version__number"), **told))[:1]
    visits = Appointment.rows().filter(lead_id=OuterRef("id"))
    rows = (
        leads.annotate(first=Subquery(first), is_booked=has_row(visits), is_closed=Q(closed_at__isnull=False))
        .annotate(is_done=has_row(conversions()))
        .values_list("first", "is_booked", "is_done", "is_closed")
        .annotate(Count("id"))
    )
    sums: dict[tuple[int, Part, str], _Sum] = {}
    for score, booked, done, closed, count in rows:
        for part in Part if score else ():
            own = sums.setdefault((score["version"] or 0, part, score[f"{part}_band"] or ""), _Sum(0, Counter()))
            own.top = max(own.top, score[part])
            own.counts["leads"] += count
            own.counts["scheduled"] += count if booked else 0
            own.counts["completed"] += count if done else 0
            own.counts["open"] += 0 if booked or closed else count
    return _ordered(sums)


def _ordered(sums: Mapping[tuple[int, Part, str], _Sum]) -> list[BandTally]:
    names = _band_names({number for number, _part, _band in sums})
    made = [
        BandTally(number, part, names.get((number, part, band), band), own.top, *(own.counts[name] for name in _COUNTS))
        for (number, part, band), own in sums.items()
    ]
    return sorted(made, key=lambda each: (-each.version, each.part, -each.top))


def _band_names(numbers: Collection[int]) -> dict[tuple[int, Part, str], str]:
    """Return what each version of the scorecard calls its bands."""
    versions = RuleSetVersion.rows().filter(rule_set__kind="scoring", rule_set__key="default", number__in=numbers)
    return {
        (number, part, as_text(band.get("key"))): as_text(band.get("name"))
        for number, document in versions.values_list("number", "document")
        for part in Part
        for band in map(as_document, as_items(as_document(document.get(part)).get("bands")))
        if as_text(band.get("name"))
    }
