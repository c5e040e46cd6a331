"""Whether a service or program is for a person: its own limits, and the eligibility criteria of its set (row QL-12).

Pure. Each reason is a sentence with the word for what decided it; whatever is not known is a question, never a no.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.qualification.criteria import Evaluation, Finding
from apps.qualification.decisions import eligibility_by_age, eligibility_by_opening
from apps.qualification.terms import CriterionKind, Eligibility, Standing

NOT_MET = "not_met"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a service says of itself: its name, its ages (both inside), whether it takes new patients."""

    name: str
    min_age: int | None = None
    max_age: int | None = None
    takes_new: bool = True

    @property
    def ages(self) -> str:
        """Return the ages as people write them: 18-65, from 18, up to 17."""
        if self.min_age is None:
            return f"up to {self.max_age}"
        return f"from {self.min_age}" if self.max_age is None else f"{self.min_age}-{self.max_age}"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is not eligible, or what has to be known first: what it is about, and a sentence."""

    about: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether the service is for the person, with the reasons of a no, or what is open."""

    result: Eligibility
    reasons: tuple[Reason, ...] = ()

    @property
    def sentence(self) -> str:
        """Return the reasons in one line."""
        return "; ".join(each.sentence for each in self.reasons)


def judge_eligibility(facts: Mapping[str, object], evaluation: Evaluation, limits: Limits | None) -> Judged:
    """Judge by the service's limits, by what was verified, and by the required criteria of kind eligibility."""
    against, unknown = list[Reason](), list[Reason]()
    for result, reason in _by_limits(facts, limits) if limits is not None else ():
        if result is not Eligibility.ELIGIBLE:
            (against if result is Eligibility.INELIGIBLE else unknown).append(reason)
    if facts.get("verified_eligibility") == NOT_MET:
        against.append(_no("verification", "The conditions are not met, as verified"))
    for finding in evaluation.findings:
        own = finding.criterion
        if own.kind != CriterionKind.ELIGIBILITY or not own.required or own.reads == ("eligibility",):
            continue
        if finding.standing is Standing.FAILS:
            against.append(_no(_about(finding), f"{own.sentence.rstrip('.')}: no"))
        elif finding.standing is Standing.UNCLEAR:
            unknown.append(Reason(_about(finding), own.ask or f"{own.sentence.rstrip('.')}: not known yet"))
    if against:
        return Judged(Eligibility.INELIGIBLE, tuple(against))
    return Judged(Eligibility.NEEDS_INFO, tuple(unknown)) if unknown else Judged(Eligibility.ELIGIBLE)


def _by_limits(facts: Mapping[str, object], limits: Limits) -> tuple[tuple[Eligibility, Reason], ...]:
    age = facts.get("age")
    known_age = age if isinstance(age, int) else None
    by_age = eligibility_by_age(known_age, limits.min_age, limits.max_age)
    patient_type = str(facts.get("patient_type") or "")
    by_opening = eligibility_by_opening(Eligibility.ELIGIBLE, patient_type, is_open=limits.takes_new)
    asked = {
        "age": Reason("age", f"{limits.name} {limits.ages}: the age is not known"),
        "new": Reason("new patients", f"{limits.name} takes no new patients: not known whether they are new"),
    }
    if by_age is Eligibility.INELIGIBLE:
        asked["age"] = _no("age", f"{limits.name} {limits.ages}: age {known_age}")
    if by_opening is Eligibility.INELIGIBLE:
        asked["new"] = _no("new patients", f"{limits.name} takes no new patients")
    return (by_age, asked["age"]), (by_opening, asked["new"])


def _no(about: str, sentence: str) -> Reason:
    return Reason(about, f"{sentence} → ineligible ({about})")


def _about(finding: Finding) -> str:
    reads = finding.criterion.reads
    return (reads[0] if reads else finding.criterion.id).replace("_", " ")
