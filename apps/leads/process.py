"""A process document: where a pipeline starts and ends, its statuses by the clock, and whose word counts for a field.

Statuses by the clock are true by themselves: nobody sets them, and the next contact ends them. Whose word counts
(`truth`) is ours for every field that the document does not give to another system or to a partner.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from apps.leads.decisions import check_next_actions, next_actions
from apps.leads.terms import LeadEvent, NextAction
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    as_whole,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Labels, Problem

LONGEST_SECONDS = 366 * 86_400
_PARTS = frozenset({"pipelines", "truth", "words"})
_COURSE = frozenset({"start", "end", "statuses"})
_STATUS = frozenset({"key", "label", "since", "after_seconds", "stages", "meaning", "next_actions"})
_WORD = frozenset({"word", "stage", "event"})


class Since(StrEnum):
    """From when a status by the clock counts."""

    REPLY = "reply"
    ACTIVITY = "activity"
    STAGE = "stage"
    NEXT_ACTION = "next_action"


SINCE_WORDS = {
    Since.REPLY: "after the person was last heard",
    Since.ACTIVITY: "after the last contact or try",
    Since.STAGE: "after the stage began",
    Since.NEXT_ACTION: "after the next action was due",
}
CAPTURED, OWNED = "captured", "owned"
VISIT_COMPLETED, CLOSED = "visit_completed", "closed"
#: Reviews that another system may keep, in the words of the rules of intake work (row AP-07).
REVIEWED = ("intake_review", "clinical_review")
#: Besides a stage of the pipeline, what a process may start and end with.
STARTS = {CAPTURED: "the inquiry came in", OWNED: "a team took it"}
ENDS = {VISIT_COMPLETED: "a visit was completed", CLOSED: "the lead was closed"}
#: What other systems and partners may report, and be given the last word about. A stage is reported in their own
#: word; owner, consent and insurance are never among it.
STAGE = "stage"
REPORTED = (
    *(STAGE, "timeframe", "patient_type", "preferred_channel", "best_time", "appointment_type", "part_of_day"),
    *REVIEWED,
)


@dataclass(frozen=True, slots=True)
class TimedStatus:
    """A status that the clock sets: so long since something, at some stages or at every open one."""

    key: str
    label: str
    since: Since
    after_seconds: int
    stages: tuple[str, ...] = ()
    actions: tuple[NextAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a process: `at` is a stage or one of the words above, `label` what the tenant calls it."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Course:
    """The process of one pipeline. Of several statuses that hold, the last one named is shown."""

    start: Bound = Bound(CAPTURED, "Inquiry")
    end: Bound = Bound("in_treatment", "Care started")
    statuses: tuple[TimedStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """What a partner's word stands for: a stage of ours, and the event that it reports."""

    stage: str
    event: str


@dataclass(frozen=True, slots=True)
class Process:
    """A process document, read once."""

    courses: Mapping[str, Course] = field(default_factory=dict)
    truth: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Means]] = field(default_factory=dict)

    def course(self, pipeline: str) -> Course:
        """Return the process of a pipeline; the usual one where the document says nothing of it."""
        return self.courses.get(pipeline, Course())

    def status_label(self, pipeline: str, key: str) -> str:
        """Return what the tenant calls a status of a pipeline."""
        found = next((each.label for each in self.course(pipeline).statuses if each.key == key), "")
        return found or key.replace("_", " ")

    def means(self, reporter: str, word: str) -> Means | None:
        """Return what a reporter's word stands for; None where nobody has said."""
        return self.words.get(reporter, {}).get(folded(word))


def folded(word: str) -> str:
    """Return a partner's word as it is compared: "Contact-Made" is "contact made"."""
    return " ".join(word.casefold().replace("_", " ").replace("-", " ").split())


def compile_process(document: Mapping[str, object]) -> Process:
    """Compile a process document. Never raises: what cannot be read is left out."""
    return Process(
        {key: _course(as_document(part)) for key, part in as_document(document.get("pipelines")).items()},
        {key: as_text(who) for key, who in as_document(document.get("truth")).items() if as_text(who)},
        {who: _words(rows) for who, rows in as_document(document.get("words")).items()},
    )


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a process document: unknown pipelines, stages, fields, systems; unreadable limits."""
    rules = as_document(document)
    problems = unknown_keys(rules, _PARTS, "")
    for key, part in as_document(rules.get("pipelines")).items():
        problems += _check_course(as_document(part), f"/pipelines/{key}", known)
        if key not in known.pipelines:
            problems.append(Problem(f"/pipelines/{key}", "unknown_pipeline", f"There is no pipeline “{key}”."))
    for name, who in as_document(rules.get("truth")).items():
        problems += _check_reporter(as_text(who), f"/truth/{name}", known)
        if name not in REPORTED:
            sentence = f"“{name}” stays ours; another's word may count for: {', '.join(REPORTED)}."
            problems.append(Problem(f"/truth/{name}", "unknown_field", sentence))
    for who, rows in as_document(rules.get("words")).items():
        problems += _check_reporter(who, f"/words/{who}", known)
        problems += _check_words(as_items(rows), f"/words/{who}", known)
    return problems


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Return what a process document says, a sentence for each thing."""
    return list(_sentences(compile_process(as_document(document))))


def _sentences(process: Process) -> Iterator[str]:
    for key, course in process.courses.items():
        yield f"{key}: starts with “{course.start.label}” and ends with “{course.end.label}”."
        for each in course.statuses:
            where = f" at {', '.join(each.stages)}" if each.stages else ""
            yield f"{key}: “{each.label}”{where} {span(each.after_seconds)} {SINCE_WORDS[each.since]}."
    for name, who in process.truth.items():
        yield f"For {name.replace('_', ' ')} the word of {who} counts."
    for who, words in process.words.items():
        for word, means in words.items():
            yield f"“{word}” of {who} means {means.stage}."


def span(seconds: int) -> str:
    """Return a limit in words: "3 days", "36 hours", "15 minutes"."""
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            count = seconds // size
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return f"{seconds} seconds"


def _course(part: Document) -> Course:
    usual = Course()
    rows = [as_document(item) for item in as_items(part.get("statuses"))]
    statuses = tuple(_status(row) for row in rows if not list(_status_faults(row, "")))
    return Course(_bound(part.get("start"), usual.start), _bound(part.get("end"), usual.end), statuses)


def _bound(value: object, usual: Bound) -> Bound:
    row = as_document(value)
    at = as_text(row.get("at"))
    return Bound(at, as_text(row.get("label")) or at.replace("_", " ").capitalize()) if at else usual


def _status(row: Document) -> TimedStatus:
    key = as_text(row.get("key"))
    return TimedStatus(
        key,
        as_text(row.get("label")) or key.replace("_", " ").capitalize(),
        Since(as_text(row.get("since"), Since.REPLY)),
        as_whole(row.get("after_seconds")) or 0,
        as_texts(row.get("stages")),
        next_actions(row.get("next_actions")),
    )


def _words(rows: object) -> dict[str, Means]:
    found = dict[str, Means]()
    for row in map(as_document, as_items(rows)):
        word, stage = folded(as_text(row.get("word"))), as_text(row.get("stage"))
        if word and stage:
            found.setdefault(word, Means(stage, as_text(row.get("event"))))
    return found


def _check_course(part: Document, path: str, known: Known) -> list[Problem]:
    problems = unknown_keys(part, _COURSE, path)
    for name, usual in (("start", STARTS), ("end", ENDS)):
        row = as_document(part.get(name))
        problems += unknown_keys(row, frozenset({"at", "label"}), f"{path}/{name}")
        at = as_text(row.get("at"))
        if name in part and at not in usual and at not in known.stages:
            sentence = f"“{at}” is neither a stage nor one of: {', '.join(usual)}."
            problems.append(Problem(f"{path}/{name}/at", "unknown_bound", sentence))
    seen: set[str] = set()
    for place, row in enumerate(map(as_document, as_items(part.get("statuses")))):
        here, key = f"{path}/statuses/{place}", as_text(row.get("key"))
        problems += unknown_keys(row, _STATUS, here)
        problems += [Problem(f"{here}{at}", code, why) for at, code, why in _status_faults(row, key)]
        problems += [_unknown_stage(f"{here}/stages", each) for each in _unknown(row.get("stages"), known.stages)]
        problems += check_next_actions(row.get("next_actions", []), f"{here}/next_actions")
        if key in seen:
            problems.append(Problem(f"{here}/key", "status_twice", f"The status “{key}” is named twice."))
        seen.add(key)
    return problems


def _status_faults(row: Document, key: str) -> Iterator[tuple[str, str, str]]:
    key, seconds = key or as_text(row.get("key")), as_whole(row.get("after_seconds"))
    if not key or len(key) > 30:
        yield "/key", "key_missing", "A status needs a key of at most 30 letters."
    if as_text(row.get("since"), Since.REPLY) not in set(Since):
        yield "/since", "unknown_since", f"“since” is one of: {', '.join(Since)}."
    if seconds is None or not 0 <= seconds <= LONGEST_SECONDS:
        yield "/after_seconds", "bad_limit", "“after_seconds” is a whole number of seconds, at most a year."


def _check_words(rows: Collection[object], path: str, known: Known) -> list[Problem]:
    problems, seen = list[Problem](), set[str]()
    for place, row in enumerate(map(as_document, rows)):
        here, word = f"{path}/{place}", folded(as_text(row.get("word")))
        problems += unknown_keys(row, _WORD, here)
        if not word:
            problems.append(Problem(f"{here}/word", "word_missing", "Write the word as the partner sends it."))
        elif word in seen:
            problems.append(Problem(f"{here}/word", "word_twice", f"“{word}” is said twice."))
        seen.add(word)
        problems += [_unknown_stage(f"{here}/stage", each) for each in _unknown([row.get("stage")], known.stages)]
        if as_text(row.get("event")) not in frozenset(map(str, LeadEvent)):
            sentence = "Name the event that this word reports: " + ", ".join(LeadEvent) + "."
            problems.append(Problem(f"{here}/event", "unknown_event", sentence))
    return problems


def _unknown(value: object, stages: Collection[str]) -> list[str]:
    return [as_text(each) for each in as_items(value) if as_text(each) not in stages]


def _unknown_stage(path: str, key: str) -> Problem:
    return Problem(path, "unknown_stage", f"There is no stage “{key}”.")


def _check_reporter(who: str, path: str, known: Known) -> list[Problem]:
    if who in known.reporters:
        return []
    sentence = f"There is neither an outside system nor a partner “{who}”."
    return [Problem(path, "unknown_reporter", sentence)]
