"""Words of qualification: the lines that make a score, a score's two parts, their bands."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Part(StrEnum):
    """The two scores that are never mixed: does the lead fit us, and does the person want care soon."""

    FIT = "fit"
    INTENT = "intent"


class Eligibility(StrEnum):
    """Whether a service's own limits allow this person; a question stays a question (row QL-13)."""

    ELIGIBLE = "eligible"
    NEEDS_INFO = "needs_info"
    INELIGIBLE = "ineligible"


class Verdict(StrEnum):
    """What a person decides about a lead (row QL-08)."""

    QUALIFIED = "qualified"
    DISQUALIFIED = "disqualified"
    NURTURE = "nurture"


class CriterionKind(StrEnum):
    """What a criterion asks about (row QL-02)."""

    SERVICE_FIT = "service_fit"
    URGENCY = "urgency"
    LOCATION_COVERAGE = "location_coverage"
    SCHEDULING = "scheduling"
    DEMOGRAPHICS = "demographics"
    ELIGIBILITY = "eligibility"
    CONSENT = "consent"
    READINESS = "readiness"
    DECISION_MAKER = "decision_maker"
    REACHABILITY = "reachability"


class Standing(StrEnum):
    """What is known speaks for it, against it, or says too little."""

    PASSES = "pass"
    UNCLEAR = "unclear"
    FAILS = "fail"


class Moment(StrEnum):
    """What an evaluation of criteria decided: whether marketing's target is met, or a person's verdict."""

    MARKETING = "marketing"
    VERDICT = "verdict"


#: The wake-up of a scorecard that begins to rule: open leads are scored anew.
RESCORE = "qualification.rescore"

BASE_LINE = "base"
BOUNDS_LINE = "bounds"
LEAST, MOST = 0, 100
HIGHEST_BOUND = 1000
PAGE_OF_RULES = 20


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One reason for points: a rule that held, the starting points, or the cut at a bound."""

    rule_id: str
    meaning: str
    points: int


@dataclass(frozen=True, slots=True)
class PartScore:
    """One score with its band (empty when no band covers it); the points of its lines sum to the total."""

    total: int
    band: str
    lines: tuple[ScoreLine, ...]


@dataclass(frozen=True, slots=True)
class ScoreVerdict:
    """Fit and intent of a lead, each with the lines that make it."""

    fit: PartScore
    intent: PartScore

    def as_json(self) -> dict[str, object]:
        """Return the verdict as plain JSON, equal to what a database gives back."""
        plain = asdict(self)
        return {part: plain[part] | {"lines": list(plain[part]["lines"])} for part in plain}


class ClearanceStep(StrEnum):
    """What has to be settled with others before a visit (row QL-20); `leads.terms.CLEARANCE_TASKS` names the same."""

    INSURANCE_VERIFICATION = "insurance_verification"
    PRE_AUTHORISATION = "pre_authorisation"
    REFERRING_PHYSICIAN = "referring_physician"


class ClearanceStatus(StrEnum):
    """Where such a step stands."""

    NEEDED = "needed"
    REQUESTED = "requested"
    PENDING = "pending"
    DONE = "done"
    DENIED = "denied"
    NOT_NEEDED = "not_needed"


#: A step that stands so is waited for: somebody looks again on a day.
WAITED_FOR = (ClearanceStatus.NEEDED, ClearanceStatus.REQUESTED, ClearanceStatus.PENDING)
CLEARANCE_WORDS = {
    ClearanceStep.INSURANCE_VERIFICATION: "Insurance verification",
    ClearanceStep.PRE_AUTHORISATION: "Pre-authorisation",
    ClearanceStep.REFERRING_PHYSICIAN: "Referring physician",
}
