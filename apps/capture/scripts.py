"""Scripts of calls and chats: what is asked, and which field each answer fills (row DD-13).

A document is `{"scripts": [{"id": "CALL-1", "name": "First call", "meaning": "…", "channels": ["call"], "services": [],
"questions": [{"id": "S-1", "ask": "Have you been here before?", "fills": "patient_type",
"answers": {"existing patient": "established"}}]}]}`. Every question fills a field; one that fills none is refused.
A question that fills `service`, `location` or `appointment_type` may leave its answers out: the names of the live
catalog are its choices then; a service without types of visit takes any words for one.
`says` are the lines read before the questions; `voicemail` and `someone_else` those for who cannot know that it is
the person who hears them: these never name a service (row TN-03).
A script whose `purpose` is `verification` is asked before a lead counts as qualified (row QL-10); its questions may
also ask for what is kept with the verification alone: referral status, eligibility, type of appointment.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from apps.capture.mapping_document import OWN_PICKLISTS
from apps.capture.text import fold, one_line
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Labels, Problem

CHANNELS = ("call", "chat")
#: What a question may fill: the categories of an inquiry, and what eligibility is judged by.
CATEGORIES = (
    *("service", "location", "patient_type", "timeframe", "preferred_channel", "best_time"),
    *("appointment_type", "part_of_day"),
)
ELIGIBILITY = ("payer",)
FIELDS = (*CATEGORIES, *ELIGIBILITY)
#: What a verification keeps beside the lead's own fields, each with its values; any text of a type of appointment.
VERIFIED: Mapping[str, tuple[str, ...]] = {
    "referral_status": ("not_needed", "has_referral", "needs_referral"),
    "eligibility": ("met", "not_met", "unsure"),
    "appointment_type": (),
}
VERIFICATION = "verification"
#: Fields with values of a picklist: an answer of a question is one of the listed ones.
PICKED = ("service", "location", "patient_type", "preferred_channel", "part_of_day")
#: Fields whose values the catalog names: without answers of its own a question offers all that are active (row DD-08).
LISTED = ("service", "location", "appointment_type")
#: Lines of a script; those that somebody else may hear never name a service.
SPOKEN, OVERHEARD = ("says", "voicemail", "someone_else"), ("voicemail", "someone_else")
LONGEST_LINE, MOST_LINES = 300, 12
_SCRIPT_PARTS = frozenset(
    {"id", "name", "meaning", "channels", "services", "questions", "is_active", "purpose", *SPOKEN}
)
_QUESTION_PARTS = frozenset({"id", "ask", "fills", "answers"})


@dataclass(frozen=True, slots=True)
class Question:
    """One question; without `answers` any text is one, save for a field of the catalog.

    `is_live` marks a question whose answers are the catalog's names of now; it is answered by key or by name.
    """

    id: str
    ask: str
    fills: str
    answers: Mapping[str, str]
    is_live: bool = False

    def word_of(self, value: str) -> str:
        """Return how a value is answered in words."""
        return next((word for word, known in self.answers.items() if known == value), value)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What a page sends for each answer, and how it shows it: a key of the catalog outlives a new name."""
        return tuple((value if self.is_live else word, word) for word, value in self.answers.items())

    def value_of(self, said: str) -> str | None:
        """Return the field's value for what was said; None where the question has no such answer."""
        if self.is_live and said in self.answers.values():
            return said
        if not self.answers and not self.is_live:
            return one_line(said, 100)
        return {fold(word): value for word, value in self.answers.items()}.get(fold(said))


@dataclass(frozen=True, slots=True)
class Script:
    """One script with its questions in order, and the lines that are read."""

    id: str
    name: str
    questions: tuple[Question, ...]
    says: tuple[str, ...] = ()
    voicemail: tuple[str, ...] = ()
    someone_else: tuple[str, ...] = ()


def script_for(document: object, *, channel: str, service: str) -> Script | None:
    """Return the first script for a channel that is for this service, or for all."""
    for each in as_items(as_document(document).get("scripts")):
        part = as_document(each)
        services = as_texts(part.get("services"))
        fits = channel in (as_texts(part.get("channels")) or CHANNELS) and (not services or service in services)
        if fits and part.get("is_active") is not False and not as_text(part.get("purpose")):
            return _script(part)
    return None


def script_named(document: object, script_id: str) -> Script | None:
    """Return the script of an id, whether it is active or not."""
    rows = (as_document(each) for each in as_items(as_document(document).get("scripts")))
    return next((_script(row) for row in rows if as_text(row.get("id")) == script_id), None)


def names_service(line: str, services: Iterable[str]) -> bool:
    """Say whether a line names one of these services, by name or by key, or leaves a place for one."""
    said = f" {fold(line)} "
    known = (fold(each.replace("-", " ").replace("_", " ")) for each in services)
    return "{service}" in line or any(f" {each} " in said for each in known if each)


def verification_for(document: object, *, service: str) -> Script | None:
    """Return the first verification script that is for this service, or for all."""
    for each in as_items(as_document(document).get("scripts")):
        part = as_document(each)
        services = as_texts(part.get("services"))
        if as_text(part.get("purpose")) != VERIFICATION or part.get("is_active") is False:
            continue
        if not services or service in services:
            return _script(part)
    return None


def usual_verification() -> Script:
    """Return the verification script of a tenant that wrote none: four questions."""
    referral = {"no referral needed": "not_needed", "has a referral": "has_referral", "needs one": "needs_referral"}
    fits = {"yes": "met", "no": "not_met", "not sure": "unsure"}
    kinds = {
        "first visit": "first_visit",
        "video visit": "video_visit",
        "phone call": "phone",
        "follow-up": "follow_up",
    }
    questions = (
        Question("V-1", "What would you like to be seen for?", "service", {}, is_live=True),
        Question("V-2", "Do you have a referral, or do you need one?", "referral_status", referral),
        Question("V-3", "Do they meet the conditions of this service?", "eligibility", fits),
        Question("V-4", "Which kind of appointment do you prefer?", "appointment_type", kinds),
    )
    return Script("VERIFY", "Verification", questions)


def with_catalog(script: Script, names: Mapping[str, Mapping[str, str]]) -> Script:
    """Give every question that leaves its answers to the catalog the names of now, by name.

    `names` are the active keys with their names, by field. Two of one name are told apart by their keys.
    """
    return replace(script, questions=tuple(_listed(each, names) for each in script.questions))


def _listed(question: Question, names: Mapping[str, Mapping[str, str]]) -> Question:
    if not question.is_live:
        return question
    known = names.get(question.fills, {})
    if question.fills == "appointment_type" and not known:
        return replace(question, is_live=False)
    folded = [fold(name) for name in known.values()]
    shown = {name if folded.count(fold(name)) == 1 else f"{name} ({key})": key for key, name in known.items()}
    return replace(question, answers=dict(sorted(shown.items(), key=lambda each: each[0].casefold())))


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with scripts; a question that fills no field is refused (row DD-13)."""
    top = as_document(document)
    problems, ids = unknown_keys(top, frozenset({"scripts"}), ""), []
    for place, item in enumerate(as_items(top.get("scripts"))):
        path, script = f"/scripts/{place}", as_document(item)
        ids.append((f"{path}/id", as_text(script.get("id"))))
        problems += [*unknown_keys(script, _SCRIPT_PARTS, path), *_script_problems(script, path, known)]
        for number, each in enumerate(as_items(script.get("questions"))):
            where, question = f"{path}/questions/{number}", as_document(each)
            ids.append((f"{where}/id", as_text(question.get("id"))))
            problems += unknown_keys(question, _QUESTION_PARTS, where)
            is_asked = as_text(script.get("purpose")) == VERIFICATION and as_text(question.get("fills")) in VERIFIED
            problems += _verified_problems(question, where) if is_asked else _question_problems(question, where, known)
    return problems + duplicate_ids(ids)


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Return the scripts in sentences, one for each question."""
    told = []
    for item in as_items(as_document(document).get("scripts")):
        script = as_document(item)
        for part, words in (("says", "begin"), ("voicemail", "voicemail"), ("someone_else", "somebody else")):
            told += [f"{as_text(script.get('name'))}, {words}: “{line}”" for line in as_texts(script.get(part))]
        for each in _questions(script):
            words = ", ".join(f"“{word}” is {value.replace('_', ' ')}" for word, value in each.answers.items())
            means = f": {words}" if words else ""
            if each.is_live:
                means = f": any active {each.fills} of the catalog"
            filled = each.fills.replace("_", " ")
            told.append(f"{as_text(script.get('name'))}, {each.id}: “{each.ask}” fills {filled}{means}.")
    return told


def _script(part: Document) -> Script:
    return Script(
        as_text(part.get("id")),
        as_text(part.get("name")),
        tuple(_questions(part)),
        *(as_texts(part.get(each)) for each in SPOKEN),
    )


def _questions(script: Document) -> Iterator[Question]:
    for item in as_items(script.get("questions")):
        part = as_document(item)
        answers = {word: as_text(value) for word, value in as_document(part.get("answers")).items()}
        if as_text(part.get("fills")) in FIELDS or as_text(part.get("fills")) in VERIFIED:
            fills = as_text(part.get("fills"))
            is_live = fills in LISTED and not answers
            yield Question(as_text(part.get("id")), as_text(part.get("ask")), fills, answers, is_live)


def _script_problems(script: Document, path: str, known: Known) -> Iterator[Problem]:
    for part in ("id", "name", "meaning"):
        if not as_text(script.get(part)):
            yield Problem(f"{path}/{part}", f"{part}_missing", f"A script needs its {part}.")
    if as_text(script.get("purpose")) not in ("", VERIFICATION):
        yield Problem(f"{path}/purpose", "unknown_purpose", "A purpose is left out, or “verification”.")
    if not as_items(script.get("questions")):
        yield Problem(f"{path}/questions", "questions_missing", "A script needs a question.")
    for place, name in enumerate(as_texts(script.get("channels"))):
        if name not in CHANNELS:
            yield Problem(f"{path}/channels/{place}", "unknown_channel", f"“{name}” is none of: call, chat.")
    yield from _line_problems(script, path, known)
    for place, key in enumerate(as_texts(script.get("services"))):
        if key not in known.services:
            yield Problem(f"{path}/services/{place}", "unknown_service", f"There is no service “{key}”.")


def _line_problems(script: Document, path: str, known: Known) -> Iterator[Problem]:
    """Name what is wrong with the lines; what a stranger may hear names no service."""
    for part in SPOKEN:
        lines = as_texts(script.get(part))
        if len(lines) > MOST_LINES or any(len(each) > LONGEST_LINE for each in lines):
            sentence = f"At most {MOST_LINES} lines of {LONGEST_LINE} characters."
            yield Problem(f"{path}/{part}", "too_long", sentence)
        for place, line in enumerate(lines if part in OVERHEARD else ()):
            if names_service(line, known.services):
                sentence = f"“{line[:60]}” names a service: somebody else may hear it."
                yield Problem(f"{path}/{part}/{place}", "names_service", sentence)


def _verified_problems(question: Document, path: str) -> Iterator[Problem]:
    """Name what is wrong with a question whose answer is kept with the verification alone."""
    field, answers = as_text(question.get("fills")), as_document(question.get("answers"))
    if not as_text(question.get("id")) or not as_text(question.get("ask")):
        yield Problem(f"{path}/ask", "question_missing", "A question needs an id and its words.")
    values = VERIFIED[field]
    if values and not answers:
        yield Problem(f"{path}/answers", "answers_missing", f"Say which answer means which: {', '.join(values)}.")
    for word, value in answers.items():
        if values and as_text(value) not in values:
            yield Problem(f"{path}/answers/{word}", "unknown_value", f"“{as_text(value)}” is no value of {field}.")


def _question_problems(question: Document, path: str, known: Known) -> Iterator[Problem]:
    name, field = as_text(question.get("id")), as_text(question.get("fills"))
    if not name or len(name) > 40:
        yield Problem(f"{path}/id", "id_missing", "A question needs an id of at most 40 characters, such as S-1.")
    if not as_text(question.get("ask")):
        yield Problem(f"{path}/ask", "question_missing", f"{name}: write the question.")
    if field not in FIELDS:
        sentence = f"{name} fills no field: choose from {', '.join(FIELDS)}."
        yield Problem(f"{path}/fills", "unbound", sentence)
        return
    answers = as_document(question.get("answers"))
    if field in PICKED and field not in LISTED and not answers:
        yield Problem(f"{path}/answers", "answers_missing", f"{name}: say which answer means which {field}.")
    own = frozenset(OWN_PICKLISTS.get(field, ()))
    keys = {"service": known.services, "location": known.locations}.get(field) or own
    for word, value in answers.items():
        if not fold(word):
            yield Problem(f"{path}/answers/{word}", "no_word", f"“{word}” has no word in it.")
        if keys and as_text(value) not in keys:
            yield Problem(f"{path}/answers/{word}", "unknown_value", f"“{as_text(value)}” is no value of {field}.")
