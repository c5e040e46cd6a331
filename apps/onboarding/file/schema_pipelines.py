"""The parts of a tenant file about how the leads of a pipeline may end."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from apps.leads.closing import MOST_ATTEMPTS, MOST_CHANNELS, MOST_DAYS, Proof
from apps.leads.terms import Disqualification
from apps.onboarding.file.part import Key, Part

Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class ClosureReasonPart(Part):
    """Why a lead can end."""

    key: Key
    """Stable name, used by reports."""
    label: Label
    """Words that people see."""
    won: bool = False
    """True where the lead ends as what it was for."""
    meaning: Annotated[str, StringConstraints(max_length=200)] = ""
    """When to choose it, in a sentence."""
    needs: Proof = Proof.NOTHING
    """What has to be on record before."""
    attempts: Annotated[int, Field(ge=1, le=MOST_ATTEMPTS)] = 1
    """How many contact attempts `needs: attempts` asks for."""
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 1
    """On how many business days."""
    channels: Annotated[int, Field(ge=1, le=MOST_CHANNELS)] = 1
    """By how many channels, where the person permits as many."""
    disqualification: Disqualification | Literal[""] = ""
    """Which entry of the fixed list of disqualifications it stands for."""


class OutcomePart(Part):
    """What can come of a lead."""

    key: Key
    """Stable name, used by reports."""
    label: Label
    """Words that people see."""
    needs: Proof = Proof.NOTHING
    """What has to be on record before."""


class MissingDataPart(Part):
    """Why nobody can say yet what came of a lead."""

    key: Key
    """Stable name, used by reports."""
    label: Label
    """Words that people see."""
