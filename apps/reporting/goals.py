"""Goals and what quality means for each: early by who the leads are, late by what came of them (rows SC-12, SC-13).

The goal of a lead is its pipeline; inquiries of patients that a provider referred are a goal of their own. Each goal
has its own measures, and those of early and of late quality never stand in one table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.leads.terms import PATIENT
from apps.reporting.terms import ENOUGH

#: The class of leads that a provider referred.
REFERRAL = "referral"


class Maturity(StrEnum):
    """When quality is looked at: as leads arrive, or once something can have come of them."""

    EARLY = "early"
    LATE = "late"


class Measure(StrEnum):
    """One thing that is counted of leads."""

    FIT = "fit"
    REACHABLE = "reachable"
    TALKED = "talked"
    SCHEDULED = "scheduled"
    SHOWN = "shown"
    COMPLETED = "completed"
    QUALIFIED = "qualified"
    WON = "won"


MEASURE_WORDS = {
    Measure.FIT: "Fit",
    Measure.REACHABLE: "Reachable",
    Measure.TALKED: "In conversation",
    Measure.SCHEDULED: "Scheduled",
    Measure.SHOWN: "Show rate",
    Measure.COMPLETED: "Completed intake",
    Measure.QUALIFIED: "Qualified",
    Measure.WON: "Won",
}
MEASURE_MEANINGS = {
    Measure.FIT: "Fit: the fit score reaches the highest band of the scorecard.",
    Measure.REACHABLE: "Reachable: a number or an address is on record that is not known to fail.",
    Measure.TALKED: "In conversation: a two-way conversation is logged.",
    Measure.SCHEDULED: "Scheduled: a visit with time, place and confirmation is on record, also if cancelled later.",
    Measure.SHOWN: "Show rate: of those scheduled, who came.",
    Measure.COMPLETED: "Completed intake: a person's first completed visit, once; established patients do not count.",
    Measure.QUALIFIED: "Qualified: it entered the stage Qualified.",
    Measure.WON: "Won: closed by a reason that the pipeline calls won.",
}
_OF_PATIENTS: Mapping[Maturity, tuple[Measure, ...]] = {
    Maturity.EARLY: (Measure.FIT, Measure.REACHABLE),
    Maturity.LATE: (Measure.SCHEDULED, Measure.SHOWN, Measure.COMPLETED),
}
_OF_REFERRALS = {**_OF_PATIENTS, Maturity.LATE: (Measure.SCHEDULED, Measure.COMPLETED)}
_OF_OTHERS: Mapping[Maturity, tuple[Measure, ...]] = {
    Maturity.EARLY: (Measure.REACHABLE, Measure.TALKED),
    Maturity.LATE: (Measure.QUALIFIED, Measure.WON),
}
#: What a measure is a share of, where that is not all leads.
BASES = {Measure.SHOWN: Measure.SCHEDULED}


def measures(goal: str, maturity: Maturity) -> tuple[Measure, ...]:
    """Return by what leads of a goal are judged."""
    own = {PATIENT: _OF_PATIENTS, REFERRAL: _OF_REFERRALS}.get(goal, _OF_OTHERS)
    return own[maturity]


def has_visits(goal: str) -> bool:
    """Say whether leads of a goal come to visits; of every goal together ("") some do."""
    return goal in ("", PATIENT, REFERRAL)


@dataclass(frozen=True, slots=True)
class QualityRow:
    """The leads of one segment, and how many of them each measure holds for."""

    segment: str
    leads: int
    counts: Mapping[Measure, int]

    def base(self, measure: Measure) -> int:
        """Return of how many the share of a measure is taken."""
        return self.counts[BASES[measure]] if measure in BASES else self.leads

    def is_enough(self, measure: Measure) -> bool:
        """False below the number from which a share is shown."""
        return self.base(measure) >= ENOUGH


@dataclass(frozen=True, slots=True)
class QualityTable:
    """The segments of one goal, the one with most leads first, under the measures of that goal."""

    goal: str
    name: str
    measures: tuple[Measure, ...]
    rows: tuple[QualityRow, ...]
