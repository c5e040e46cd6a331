"""What a person may decide about a lead and on what it must rest: criteria, a verification, a next step.

Pure: the entry and what is known go in, a verdict comes out. A reason is tied to a criterion, by its id or in words;
"good" says nothing (row QL-08). Where follow-up is needed the next step is named with its date (row QL-09).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.leads.terms import DUPLICATE, Disqualification
from apps.policies.decisions.documents import Document, as_document, as_items, as_text, as_texts
from apps.policies.decisions.words import has_phrase, words_of
from apps.policies.terms import Problem
from apps.qualification.terms import Verdict

LEAST_WORDS = 3
MET, NOT_MET = "met", "not_met"
#: Words by which people name what the gates ask for.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "service": ("service", "treatment", "procedure"),
    "location": ("location", "office", "clinic", "area"),
    "patient_type": ("patient type", "new patient", "known patient", "established patient"),
    "consent_any": ("consent", "permission", "agrees", "agreed"),
    "timeframe": ("timeframe", "timeline", "timing", "later", "weeks", "months", "date", "summer", "spring"),
    "payer": ("insurance", "payer", "plan", "cover"),
}
_SMALL = 4


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a verdict may rest on: its id, its sentence, and the words that name it."""

    id: str
    sentence: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    """The criteria that count for a lead; `who_may` names the functions of teams that may decide, none for all."""

    id: str
    criteria: tuple[Criterion, ...]
    who_may: frozenset[str] = frozenset()


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


def set_of_document(document: object, scope: Mapping[str, str]) -> CriteriaSet | None:
    """Return the set of a criteria document that fits a lead best: the one that names most of what it is about."""
    best: tuple[int, Document] | None = None
    for item in as_items(as_document(document).get("sets")):
        row = as_document(item)
        named = {name: as_text(row.get(name)) for name in scope if as_text(row.get(name))}
        if row.get("is_active") is False or any(scope[name] != value for name, value in named.items()):
            continue
        if best is None or len(named) > best[0]:
            best = (len(named), row)
    if best is None:
        return None
    rows = (as_document(each) for each in as_items(best[1].get("criteria")))
    found = tuple(
        Criterion(as_text(row.get("id")), sentence := as_text(row.get("sentence")), _words_in(sentence))
        for row in rows
        if as_text(row.get("id"))
    )
    return CriteriaSet(as_text(best[1].get("id")), found, frozenset(as_texts(best[1].get("who_may_qualify"))))


def set_of_gate(names: Sequence[str], labels: Mapping[str, str], called: Mapping[str, Sequence[str]]) -> CriteriaSet:
    """Return the criteria of a tenant that wrote none: what the gate of “Qualified” asks for, and the timing.

    `called` are the lead's own words of a field: the name of its service, of its office.
    """
    fields = dict.fromkeys([*names, "timeframe"])
    found = (
        Criterion(name, labels.get(name) or name.replace("_", " ").capitalize(), _named(name, called))
        for name in fields
    )
    return CriteriaSet("", tuple(found))


def _named(name: str, called: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    own = tuple(called.get(name, ()))
    return (*_CALLED.get(name, (name.replace("_", " "),)), *own)


def _words_in(sentence: str) -> tuple[str, ...]:
    return tuple(each for each in words_of(sentence) if len(each) > _SMALL)


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
