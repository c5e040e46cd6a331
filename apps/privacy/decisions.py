"""When what is known of a person becomes protected health information (PHI). Pure.

The rule of 45 CFR 160.103 as the product reads it: a name and an address alone are contact data. Joined to something
that tells of health, care or its payment they are PHI. A lead always belongs to a person, so one such fact is enough.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from apps.privacy.health_words import tells_of_health


class PhiRule(StrEnum):
    """By which rule a lead became PHI."""

    INTEREST = "PH-R1"
    TRIGGER = "PH-R2"
    WORDS = "PH-R3"


#: What stands in the place of a rule where a person said whether a lead is PHI.
STAFF = "staff"

#: A health interest, condition, treatment, service or kind of visit beside contact data (row PH-02).
INTERESTS = ("service", "appointment_type")
#: Fields of which each alone makes a lead PHI, whatever stands in it (row PH-03).
TRIGGERS = (
    *("diagnosis_code", "treatment_history", "prescription", "appointment", "insurance_member", "insurance_policy"),
    *("referral",),
)


@dataclass(frozen=True, slots=True)
class Crossing:
    """That a lead became PHI: the rule, and the field that was it; never the value."""

    rule: PhiRule
    field: str


def crosses(told: Mapping[str, str], triggers: AbstractSet[str] = frozenset()) -> Crossing | None:
    """Say by which rule what is told now, text by field, makes a lead PHI; None where it is contact data alone.

    The interest in a service comes first (PH-R1), then the trigger fields (PH-R2), then the words of free texts
    (PH-R3, row PH-13). `triggers` are fields of the tenant's own that are PHI identifiers, too. Empty values tell
    nothing.
    """
    for name in INTERESTS:
        if told.get(name):
            return Crossing(PhiRule.INTEREST, name)
    for name in (*TRIGGERS, *sorted(triggers)):
        if told.get(name):
            return Crossing(PhiRule.TRIGGER, name)
    for name, text in told.items():
        if tells_of_health(text):
            return Crossing(PhiRule.WORDS, name)
    return None
