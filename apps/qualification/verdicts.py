"""What a person may decide about a lead and on what it must rest: criteria, a verification, a next step.

Pure: the entry and what is known go in, a verdict comes out. A reason is tied to a criterion, by its id or in words;
"good" says nothing (row QL-08). Where follow-up is needed the next step is named with its date (row QL-09).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.leads.terms import DUPLICATE, Disqualification
from apps.policies.decisions.words import has_phrase, words_of
from apps.policies.terms import Problem
from apps.qualification.criteria import CriteriaSet
from apps.qualification.terms import Verdict

LEAST_WORDS = 3
MET, NOT_MET = "met", "not_met"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person decides: the verdict, its reason, the criteria it rests on, and what follows.

    `flags` are questions of eligibility that stay open.
    """

    verdict: Verdict
    reason: str
    criteria: tuple[str, ...] = ()
    disqualification: str = ""
    flags: tuple[str, ...] = ()
    next_step: str = ""
    next_step_at: datetime | None = None
    needs_follow_up: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the entry: `answers` of the verification, None where nobody verified.

    `asks_verification` is false of pipelines that have no script for it. `has_next` says that the lead has another
    dated step already.
    """

    now: datetime
    answers: Mapping[str, str] | None = None
    asks_verification: bool = True
    has_next: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a verdict may be recorded, on which criteria; else a problem for each entry that is wrong."""

    allowed: bool
    criteria: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def judge_entry(entry: Entry, criteria: CriteriaSet, known: Known) -> Judged:
    """Say whether a verdict may be recorded, and name every entry that is wrong."""
    tied = tied_to(entry, criteria)
    problems = [*_reason_problems(entry, criteria, tied), *_step_problems(entry, known)]
    if entry.verdict is Verdict.DISQUALIFIED:
        problems += _disqualification_problems(entry)
    if entry.verdict is Verdict.QUALIFIED and known.asks_verification:
        problems += _verification_problems(known)
    return Judged(not problems, tied, tuple(problems))


def tied_to(entry: Entry, criteria: CriteriaSet) -> tuple[str, ...]:
    """Return the criteria that an entry rests on: those it names by id, and those it names in words."""
    said = words_of(entry.reason)
    known = {each.id for each in criteria.criteria}
    named = [each for each in entry.criteria if each in known]
    in_words = [each.id for each in criteria.criteria if any(has_phrase(said, words_of(word)) for word in each.words)]
    listed = [entry.disqualification] if entry.disqualification in frozenset(map(str, Disqualification)) else []
    return tuple(dict.fromkeys([*named, *in_words, *listed]))


def may_decide(functions: Collection[str], criteria: CriteriaSet) -> bool:
    """Say whether somebody of teams with these functions may decide by a set (row QL-06)."""
    return not criteria.who_may or not criteria.who_may.isdisjoint(functions)


def _reason_problems(entry: Entry, criteria: CriteriaSet, tied: tuple[str, ...]) -> list[Problem]:
    if not entry.reason.strip():
        return [Problem("/reason", "reason_missing", "Say what this rests on.")]
    if len(words_of(entry.reason)) < LEAST_WORDS:
        sentence = f"“{entry.reason.strip()[:40]}” says too little: name the criterion and what speaks for it."
        return [Problem("/reason", "reason_too_short", sentence)]
    if not tied:
        names = ", ".join(each.sentence for each in criteria.criteria)
        return [Problem("/criteria", "criterion_missing", f"Tie the reason to a criterion: {names}.")]
    return []


def _step_problems(entry: Entry, known: Known) -> list[Problem]:
    stays_open = entry.verdict is not Verdict.DISQUALIFIED
    follows = entry.needs_follow_up or bool(entry.flags) or entry.verdict is Verdict.NURTURE
    if not stays_open or not (follows or not known.has_next or entry.next_step.strip()):
        return []
    problems = []
    if not entry.next_step.strip():
        problems.append(Problem("/next_step", "next_step_missing", "Follow-up is needed: name the next step."))
    if entry.next_step_at is None:
        problems.append(Problem("/next_step_at", "next_step_date_missing", "Say when the next step is due."))
    elif entry.next_step_at <= known.now:
        problems.append(Problem("/next_step_at", "in_the_past", "The next step needs a date in the future."))
    return problems


def _disqualification_problems(entry: Entry) -> list[Problem]:
    choices = ", ".join(each.value.replace("_", " ") for each in Disqualification)
    if entry.disqualification not in frozenset(map(str, Disqualification)):
        return [Problem("/disqualification", "disqualification_missing", f"Choose why, one of: {choices}.")]
    if entry.disqualification == DUPLICATE:
        sentence = "Close it as a duplicate instead, and name the lead that goes on."
        return [Problem("/disqualification", "survivor_missing", sentence)]
    return []


def _verification_problems(known: Known) -> list[Problem]:
    if known.answers is None:
        sentence = "Qualified needs a completed verification call: ask the verification script first."
        return [Problem("/verification", "verification_missing", sentence)]
    if known.answers.get("eligibility") != MET:
        said = "not met" if known.answers.get("eligibility") == NOT_MET else "not sure"
        return [Problem("/verification", "not_eligible", f"The verification says of eligibility: {said}.")]
    return []
