"""How leads of a pipeline may end: closure reasons, outcomes, why an outcome may be unknown, and what proves each.

Pure: the pipeline's lists and what is on record go in, a verdict comes out. A closure is a finding, not a judgement:
its reason and its outcome may each name a proof that has to be on record (rows ST-11, ST-12, ST-13, ST-14, QL-17).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from apps.leads.terms import DUPLICATE, Disqualification
from apps.policies.decisions.documents import as_document, as_items, as_text, as_whole, unknown_keys
from apps.policies.terms import Problem

MOST_ATTEMPTS, MOST_DAYS, MOST_CHANNELS = 50, 60, 3


class Proof(StrEnum):
    """What has to be on record before a lead ends this way."""

    NOTHING = ""
    ATTEMPTS = "attempts"
    CONVERSATION = "conversation"
    MEETING = "meeting"
    BOOKING = "booking"
    VISIT_COMPLETED = "visit_completed"
    VISIT_LOST = "visit_lost"
    DISQUALIFIED = "disqualified"


PROOF_WORDS: Mapping[Proof, str] = {
    Proof.CONVERSATION: "a conversation with the person",
    Proof.MEETING: "a meeting or a visit that was held",
    Proof.BOOKING: "a booked visit",
    Proof.VISIT_COMPLETED: "a completed visit",
    Proof.VISIT_LOST: "a visit that was missed or cancelled",
    Proof.DISQUALIFIED: "a reason that disqualifies",
}


@dataclass(frozen=True, slots=True)
class ClosureReason:
    """Why a lead may end. `attempts`, `days` and `channels` say what `needs: attempts` asks for."""

    key: str
    label: str
    is_won: bool = False
    meaning: str = ""
    needs: Proof = Proof.NOTHING
    attempts: int = 1
    days: int = 1
    channels: int = 1
    disqualification: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """What may come of a lead (row AP-08), or why that is unknown (row ST-14)."""

    key: str
    label: str
    needs: Proof = Proof.NOTHING


@dataclass(frozen=True, slots=True)
class Endings:
    """All ways in which a pipeline's leads may end."""

    reasons: tuple[ClosureReason, ...] = ()
    outcomes: tuple[Ending, ...] = ()
    missing: tuple[Ending, ...] = ()

    def reason(self, key: str) -> ClosureReason | None:
        """Return a closure reason by its key."""
        return next((each for each in self.reasons if each.key == key), None)

    def reason_for(self, disqualification: str) -> ClosureReason | None:
        """Return the pipeline's own reason that stands for an entry of the fixed list."""
        return next((each for each in self.reasons if each.disqualification == disqualification), None)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One contact attempt: on which day of the organization's calendar, and by which channel."""

    on: date
    channel: str
    is_business_day: bool = True


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the lead's records prove. `permitted` names the channels by which the person may be reached."""

    attempts: tuple[Attempt, ...] = ()
    permitted: frozenset[str] = frozenset()
    proven: frozenset[Proof] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody enters to close a lead."""

    reason: str
    note: str
    outcome: str = ""
    missing_data: str = ""
    names_survivor: bool = False


@dataclass(frozen=True, slots=True)
class CloseVerdict:
    """Whether a lead may be closed with these entries; else a problem for each entry that is wrong.

    `proof` says in words what the closure rests on.
    """

    allowed: bool
    problems: tuple[Problem, ...] = ()
    proof: str = ""
    reason: ClosureReason | None = field(default=None, compare=False)


#: Reasons of row QL-17 as their keys were called before the list was fixed.
_ALIASES = {
    "not_eligible": Disqualification.ELIGIBILITY_NOT_MET,
    "service_not_offered": Disqualification.SERVICE_MISMATCH,
    "wrong_contact": Disqualification.NO_VALID_CONTACT,
    "unable_to_reach": Disqualification.NO_RESPONSE,
}
_TRIED = frozenset({"no_response", "unable_to_reach"})

#: What may come of a lead where the pipeline names nothing of its own.
OUTCOMES = (
    Ending("contacted", "Contacted", Proof.CONVERSATION),
    Ending("booked", "Booked", Proof.BOOKING),
    Ending("completed", "Completed intake", Proof.VISIT_COMPLETED),
    Ending("declined_eligibility", "Declined eligibility", Proof.DISQUALIFIED),
    Ending("not_interested", "Not interested", Proof.CONVERSATION),
    Ending("no_response", "No response", Proof.ATTEMPTS),
    Ending("not_qualified", "Not qualified", Proof.DISQUALIFIED),
)
MISSING_DATA = (
    Ending("ehr_not_received", "EHR result not received"),
    Ending("partner_silent", "The partner did not report back"),
)


def endings_of(reasons: object, outcomes: object, missing: object) -> Endings:
    """Read a pipeline's lists; a list that says nothing falls back to the usual one, but for the reasons."""
    named = tuple(_ending(item) for item in as_items(outcomes)) or OUTCOMES
    unknown = tuple(_ending(item) for item in as_items(missing)) or MISSING_DATA
    return Endings(tuple(_reason(item) for item in as_items(reasons)), named, unknown)


def may_close(said: Said, endings: Endings, record: OnRecord) -> CloseVerdict:
    """Say whether a lead may be closed: a reason of its pipeline, a note, and an outcome that is on record.

    Where the outcome is unknown, a documented reason says why the data is missing (row ST-14). "Unable to reach" is
    counted: so many attempts on so many business days by the channels that the person permits (row ST-13). A
    duplicate names the lead that goes on; with any other reason none is named.
    """
    reason = endings.reason(said.reason)
    problems = [*_reason_problems(said, reason, record)]
    if said.names_survivor and said.reason != DUPLICATE:
        sentence = "Only a lead that is closed as a duplicate points to another."
        problems.append(Problem("/duplicate_of", "not_a_duplicate", sentence))
    if not said.note.strip():
        problems.append(Problem("/note", "note_missing", "Write a note: what happened, in a sentence."))
    problems += _outcome_problems(said, endings, reason, record)
    proof = "" if problems or reason is None else _proof(said, endings, reason, record)
    return CloseVerdict(not problems, tuple(problems), proof, reason)


def tried(reason: ClosureReason, record: OnRecord) -> tuple[bool, str]:
    """Say whether somebody was tried often enough, and how often: "4 of 5 attempts, 3 of 5 days"."""
    counted = [each for each in record.attempts if each.channel in record.permitted]
    days = {each.on for each in counted if each.is_business_day}
    channels = {each.channel for each in counted}
    wanted = min(reason.channels, len(record.permitted))
    parts = [(len(counted), reason.attempts, "attempts"), (len(days), reason.days, "days")]
    if wanted > 1:
        parts.append((len(channels), wanted, "channels"))
    said = ", ".join(f"{have} of {need} {what}" for have, need, what in parts)
    return all(have >= need for have, need, _ in parts) and bool(counted), said


def check_endings(reasons: object, outcomes: object, missing: object) -> list[Problem]:
    """Name everything wrong with a pipeline's lists, by the place of each entry."""
    problems = [*_check_rows(reasons, "/closure_reasons", _REASON_PARTS)]
    problems += _check_rows(outcomes, "/outcomes", _ENDING_PARTS)
    problems += _check_rows(missing, "/missing_data_reasons", frozenset({"key", "label"}))
    for place, item in enumerate(as_items(reasons)):
        problems += _check_reason(as_document(item), f"/closure_reasons/{place}")
    return problems


_REASON_PARTS = frozenset(
    {"key", "label", "won", "meaning", "needs", "attempts", "days", "channels", "disqualification"}
)
_ENDING_PARTS = frozenset({"key", "label", "needs"})


def _reason(item: object) -> ClosureReason:
    """Read one reason. What its keys meant before they said so themselves still holds."""
    row = as_document(item)
    key = as_text(row.get("key")) or as_text(item)
    implied = _ALIASES.get(key, key)
    fixed = frozenset(map(str, Disqualification))
    needs = as_text(row.get("needs"), Proof.ATTEMPTS if key in _TRIED else "")
    return ClosureReason(
        key=key,
        label=as_text(row.get("label")) or _words(key).capitalize(),
        is_won=row.get("won") is True,
        meaning=as_text(row.get("meaning")),
        needs=Proof(needs) if needs in frozenset(map(str, Proof)) else Proof.NOTHING,
        attempts=as_whole(row.get("attempts")) or 1,
        days=as_whole(row.get("days")) or 1,
        channels=as_whole(row.get("channels")) or 1,
        disqualification=as_text(row.get("disqualification"), str(implied) if implied in fixed else ""),
    )


def _ending(item: object) -> Ending:
    row = as_document(item)
    key, needs = as_text(row.get("key")), as_text(row.get("needs"))
    known = needs in frozenset(map(str, Proof))
    return Ending(key, as_text(row.get("label")) or _words(key).capitalize(), Proof(needs) if known else Proof.NOTHING)


def _reason_problems(said: Said, reason: ClosureReason | None, record: OnRecord) -> Iterable[Problem]:
    if not said.reason.strip():
        yield Problem("/reason", "reason_missing", "Choose why the lead ends.")
    elif reason is None:
        yield Problem("/reason", "unknown_reason", f"“{said.reason}” is no closure reason of this pipeline.")
    elif reason.needs is Proof.ATTEMPTS:
        enough, count = tried(reason, record)
        if not enough:
            yield Problem("/reason", "attempts_missing", f"“{reason.label}” needs more on record: {count}.")
    elif reason.key == DUPLICATE and not said.names_survivor:
        sentence = "Name the lead that goes on: a duplicate points to it."
        yield Problem("/duplicate_of", "survivor_missing", sentence)
    elif not _is_proven(reason.needs, reason, record):
        sentence = f"“{reason.label}” needs {PROOF_WORDS[reason.needs]} on record; there is none."
        yield Problem("/reason", "proof_missing", sentence)


def _outcome_problems(
    said: Said, endings: Endings, reason: ClosureReason | None, record: OnRecord
) -> Iterable[Problem]:
    if said.missing_data.strip():
        if said.outcome.strip():
            sentence = "Either the outcome is known, or its data is missing: choose one."
            yield Problem("/missing_data", "outcome_known", sentence)
        elif all(each.key != said.missing_data for each in endings.missing):
            sentence = f"“{said.missing_data}” is no reason of this pipeline why data is missing."
            yield Problem("/missing_data", "unknown_missing_data", sentence)
        return
    if not said.outcome.strip():
        sentence = "Record the outcome before you close the lead, or say why its data is missing."
        yield Problem("/outcome", "outcome_missing", sentence)
        return
    outcome = next((each for each in endings.outcomes if each.key == said.outcome), None)
    if outcome is None:
        names = ", ".join(each.label for each in endings.outcomes)
        yield Problem("/outcome", "unknown_outcome", f"What came of it is one of: {names}.")
    elif reason is not None and not _is_proven(outcome.needs, reason, record):
        sentence = f"“{outcome.label}” needs {_proof_words(outcome.needs)} on record; there is none."
        yield Problem("/outcome", "outcome_unproven", f"{sentence} Or say why its data is missing.")


def _is_proven(needs: Proof, reason: ClosureReason, record: OnRecord) -> bool:
    if needs is Proof.NOTHING:
        return True
    if needs is Proof.ATTEMPTS:
        return bool(record.attempts)
    if needs is Proof.DISQUALIFIED:
        return bool(reason.disqualification)
    return needs in record.proven


def _proof(said: Said, endings: Endings, reason: ClosureReason, record: OnRecord) -> str:
    outcome = next((each for each in endings.outcomes if each.key == said.outcome), None)
    parts = [tried(reason, record)[1]] if reason.needs is Proof.ATTEMPTS else []
    named = [each for each in (reason.needs, outcome.needs if outcome else Proof.NOTHING) if each in PROOF_WORDS]
    return ", ".join([*parts, *dict.fromkeys(PROOF_WORDS[each] for each in named)])


def _proof_words(needs: Proof) -> str:
    return PROOF_WORDS.get(needs, "a contact attempt")


def _check_rows(items: object, path: str, parts: Collection[str]) -> Iterable[Problem]:
    seen: set[str] = set()
    for place, item in enumerate(as_items(items)):
        row, where = as_document(item), f"{path}/{place}"
        yield from unknown_keys(row, frozenset(parts), where)
        key = as_text(row.get("key"))
        if not key or len(key) > 40 or not key.replace("-", "_").isidentifier():
            yield Problem(f"{where}/key", "bad_key", "A key is one word of letters, digits, “-” and “_”.")
        elif key in seen:
            yield Problem(f"{where}/key", "key_twice", f"“{key}” is there twice.")
        seen.add(key)
        if not as_text(row.get("label")):
            yield Problem(f"{where}/label", "label_missing", "Say it in words.")
        if as_text(row.get("needs")) not in frozenset(map(str, Proof)):
            yield Problem(f"{where}/needs", "unknown_proof", "What proves it is one of: " + _names(Proof) + ".")


def _check_reason(row: Mapping[str, object], path: str) -> Iterable[Problem]:
    limits = {"attempts": MOST_ATTEMPTS, "days": MOST_DAYS, "channels": MOST_CHANNELS}
    for name, most in limits.items():
        number = as_whole(row.get(name, 1))
        if number is None or not 1 <= number <= most:
            yield Problem(f"{path}/{name}", "bad_number", f"A whole number from 1 to {most}.")
    if as_text(row.get("disqualification")) not in {"", *map(str, Disqualification)}:
        sentence = "It stands for one of: " + _names(Disqualification) + "."
        yield Problem(f"{path}/disqualification", "unknown_disqualification", sentence)
    if row.get("won") is True and as_text(row.get("disqualification")):
        yield Problem(f"{path}/won", "won_and_disqualified", "What disqualifies is not won.")


def _names(choices: Iterable[StrEnum]) -> str:
    return ", ".join(each.value for each in choices if each.value)


def _words(key: str) -> str:
    return key.replace("_", " ")
