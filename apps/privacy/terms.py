"""Words of privacy: which details stand masked, and what for one may have them revealed (row PH-15). Pure."""

from enum import StrEnum

#: Details that identify a patient to others and are needed rarely: their place shows the last characters alone.
MASKED_KINDS = frozenset({"insurance_member"})
_SHOWN = 2


class RevealPurpose(StrEnum):
    """What for somebody has a masked detail revealed; nothing else counts."""

    COVERAGE = "coverage_check"
    BOOKING = "booking"
    CORRECTION = "correction"
    RIGHTS = "request_of_the_person"
    REVIEW = "compliance_review"


PURPOSE_WORDS = {
    RevealPurpose.COVERAGE: "Check of the coverage with the insurer",
    RevealPurpose.BOOKING: "Booking of a visit",
    RevealPurpose.CORRECTION: "Correction of the number",
    RevealPurpose.RIGHTS: "Request of the person",
    RevealPurpose.REVIEW: "Review by compliance",
}


def veiled(kind: str, text: str) -> str:
    """Return a detail as it stands before anybody has it revealed: of a masked kind the last two characters, of a short
    one none."""
    if kind not in MASKED_KINDS:
        return text
    return "••••" + (text[-_SHOWN:] if len(text) > 2 * _SHOWN else "")
