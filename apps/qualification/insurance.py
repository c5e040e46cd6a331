"""Where the insurance of a lead stands, from what insurers answered and the steps that somebody recorded (row AP-11).

Pure. The newest word counts: an insurer's answer, or that somebody asked again since. What a step says without an
answer beside it is believed too: "done" is verified, "denied" is not covered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from apps.qualification.signals import Coverage
from apps.qualification.terms import WAITED_FOR, ClearanceStatus, ClearanceStep


class InsuranceStatus(StrEnum):
    """Where the verification of the insurance stands."""

    NOT_STARTED = "not_started"
    NEEDED = "needed"
    ASKED = "asked"
    VERIFIED = "verified"
    OUT_OF_NETWORK = "out_of_network"
    NOT_COVERED = "not_covered"
    NOT_NEEDED = "not_needed"


class PreAuthorisation(StrEnum):
    """Where the insurer's permission before a visit stands."""

    NOT_STARTED = "not_started"
    NEEDED = "needed"
    ASKED = "asked"
    GRANTED = "granted"
    EXPIRED = "expired"
    REFUSED = "refused"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that was recorded: the insurer's answer, or the status of a step; by whom and when."""

    about: str
    status: str
    by: str
    at: datetime
    since: date
    valid_until: date | None = None
    look_again_at: datetime | None = None
    payer: str = ""
    plan: str = ""
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """Where the verification stands, and whose word that is."""

    status: InsuranceStatus = InsuranceStatus.NOT_STARTED
    payer: str = ""
    plan: str = ""
    reference: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Where the pre-authorisation stands; `asked_on` is of the last time that somebody asked."""

    status: PreAuthorisation = PreAuthorisation.NOT_STARTED
    asked_on: date | None = None
    since: date | None = None
    granted_until: date | None = None
    reference: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Insurance:
    """The verification, the pre-authorisation, the last word of each step, and every word, newest first."""

    verification: Verification = Verification()
    pre_authorisation: Authorisation = Authorisation()
    stands: tuple[Word, ...] = ()
    history: tuple[Word, ...] = ()


_ASKED = (ClearanceStatus.REQUESTED, ClearanceStatus.PENDING)
_OF_ANSWER = {
    Coverage.VERIFIED: InsuranceStatus.VERIFIED,
    Coverage.OUT_OF_NETWORK: InsuranceStatus.OUT_OF_NETWORK,
    Coverage.NOT_COVERED: InsuranceStatus.NOT_COVERED,
}
_OF_STEP = {
    ClearanceStatus.NEEDED: InsuranceStatus.NEEDED,
    ClearanceStatus.REQUESTED: InsuranceStatus.ASKED,
    ClearanceStatus.PENDING: InsuranceStatus.ASKED,
    ClearanceStatus.DONE: InsuranceStatus.VERIFIED,
    ClearanceStatus.DENIED: InsuranceStatus.NOT_COVERED,
    ClearanceStatus.NOT_NEEDED: InsuranceStatus.NOT_NEEDED,
}
_OF_PERMISSION = {
    ClearanceStatus.NEEDED: PreAuthorisation.NEEDED,
    ClearanceStatus.REQUESTED: PreAuthorisation.ASKED,
    ClearanceStatus.PENDING: PreAuthorisation.ASKED,
    ClearanceStatus.DONE: PreAuthorisation.GRANTED,
    ClearanceStatus.DENIED: PreAuthorisation.REFUSED,
    ClearanceStatus.NOT_NEEDED: PreAuthorisation.NOT_NEEDED,
}


def insurance_from(answers: Sequence[Word], steps: Sequence[Word], payer: str, today: date) -> Insurance:
    """Put together where the insurance stands. Both lists are the oldest first."""
    of = {key: [each for each in steps if each.about == key] for key in ClearanceStep}
    return Insurance(
        verification_of(answers, of[ClearanceStep.INSURANCE_VERIFICATION], payer),
        authorisation_of(of[ClearanceStep.PRE_AUTHORISATION], today),
        tuple(rows[-1] for rows in of.values() if rows),
        tuple(sorted([*answers, *steps], key=lambda each: each.at, reverse=True)),
    )


def verification_of(answers: Sequence[Word], steps: Sequence[Word], payer: str) -> Verification:
    """Say where the verification stands. Both lists are the oldest first; `payer` is what the lead names."""
    answer, step = answers[-1] if answers else None, steps[-1] if steps else None
    if answer is not None and (step is None or answer.at >= step.at or _is_of(answer, step)):
        known = {"payer": answer.payer or payer, "plan": answer.plan, "reference": answer.reference}
        return Verification(_OF_ANSWER[Coverage(answer.status)], **known, by=answer.by, at=answer.at)
    if step is None:
        return Verification(payer=payer)
    status, plan = _OF_STEP[ClearanceStatus(step.status)], answer.plan if answer else ""
    return Verification(status, payer, plan, step.reference, step.by, step.at)


def authorisation_of(steps: Sequence[Word], today: date) -> Authorisation:
    """Say where the pre-authorisation stands today; the oldest step is first. What was granted until a day expires."""
    if not steps:
        return Authorisation()
    last = steps[-1]
    status = _OF_PERMISSION[ClearanceStatus(last.status)]
    if status is PreAuthorisation.GRANTED and last.valid_until is not None and last.valid_until < today:
        status = PreAuthorisation.EXPIRED
    asked = next((each.since for each in reversed(steps) if each.status in _ASKED), None)
    return Authorisation(status, asked, last.since, last.valid_until, last.reference, last.by, last.at)


def is_waited_for(word: Word) -> bool:
    """Whether somebody else has the next word of a step."""
    return word.status in WAITED_FOR


def _is_of(answer: Word, step: Word) -> bool:
    """Whether a step's end says no more than the answer before it, such as done after covered."""
    if step.status == ClearanceStatus.DONE:
        return answer.status != Coverage.NOT_COVERED
    return step.status == ClearanceStatus.DENIED and answer.status == Coverage.NOT_COVERED
