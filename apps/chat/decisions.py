"""What the machine says to a visitor's line. It gives fixed answers to listed questions and never makes one up.

A document is `{"answers": [{"id": "Q-1", "meaning": "…", "ask": ["what are your hours", …], "say": "…", "then": "…"}],
"clinical": ["diagnosis", …], "human": ["speak to a person", …], "emergency": [more words], "greeting": "…" or
{"en": "…", "es": "…"}, "safety": {"emergency": {"en": "…", "es": "…"}, "crisis": {…}}, "give_up_seconds": 300,
"escalate_seconds": 180, "urgent_escalate_seconds": 60}`. What an answer says, and what comes then, may be written by
language as the greeting is; without a Spanish text the English one is said. Words of an emergency and of a crisis are
the product's own: a tenant may add some and take none away. They are looked at first, in every line, whoever is in
the conversation.
"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from apps.chat.terms import BotReply, Fixed, Handover, Language
from apps.chat.texts import (
    CRISIS,
    EMERGENCY,
    NUMBERS,
    as_language,
    fixed,
    has_any,
    language_of_danger,
    safety_text,
    worded,
)
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.decisions.words import words_of
from apps.policies.terms import FieldSpec, Known, Labels, Problem

CLINICAL = (
    *("diagnosis", "diagnose", "symptom", "symptoms", "medication", "dose", "side effects", "test result"),
    *("test results", "is it serious", "what should i take", "should i worry", "infection", "pregnant"),
    *("sintomas", "medicamento", "resultados"),
)
HUMAN = (
    *("human", "a person", "real person", "person please", "live person", "to someone", "with someone"),
    *("to somebody", "with somebody", "agent", "representative", "operator", "call me"),
    *("una persona", "hablar con alguien", "persona real"),
)
#: How alike a line must be to a listed wording (0 to 100), and how many misses lead to a person.
LIKE_ENOUGH, MOST_MISSES = 84, 2
#: How long a visitor waits before the chat gives up, and before a supervisor hears of it; all in seconds.
GIVE_UP_SECONDS, ESCALATE_SECONDS, URGENT_ESCALATE_SECONDS = 300, 180, 60
SHORTEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30, 3600
WAITS = ("give_up_seconds", "escalate_seconds", "urgent_escalate_seconds")
_PARTS = frozenset({"answers", "clinical", "human", "emergency", "greeting", "safety", *WAITS})
_ANSWER_PARTS = frozenset({"id", "meaning", "ask", "say", "then", "is_active"})


def danger_in(text: str, document: object) -> Handover | None:
    """Say whether a line tells of an emergency or a crisis; asked of every line of a visitor, in every language."""
    words = words_of(text)
    if any(has_any(words, CRISIS[tongue]) for tongue in Language):
        return Handover.CRISIS
    more = as_texts(as_document(document).get("emergency"))
    known = (*more, *(phrase for tongue in Language for phrase in EMERGENCY[tongue]))
    return Handover.EMERGENCY if has_any(words, known) else None


def safety_reply(danger: Handover, text: str, language: str, document: object) -> str:
    """Return the safety text for a line: in the language of its words of danger, else in the visitor's."""
    return safety_text(danger, language_of_danger(text, language), document)


def reply_to(text: str, misses: int, document: object, language: str = Language.ENGLISH) -> BotReply:
    """Return what the machine says; `misses` counts its lines without an answer so far.

    Danger beats everything, a wish for a person and clinical words beat answers, and the second line in a row
    without an answer brings a person in.
    """
    top, tongue = as_document(document), as_language(language)
    danger = danger_in(text, top)
    if danger is not None:
        return BotReply(safety_reply(danger, text, tongue, top), handover=danger)
    words = words_of(text)
    if has_any(words, (*CLINICAL, *as_texts(top.get("clinical")))):
        return BotReply(fixed(Fixed.CLINICAL, tongue), handover=Handover.CLINICAL)
    if has_any(words, (*HUMAN, *as_texts(top.get("human")))):
        return BotReply(fixed(Fixed.ASKED, tongue), handover=Handover.ASKED)
    answer = _best(words, top)
    if answer is not None:
        said, then = (worded(answer.get(part), tongue) for part in ("say", "then"))
        return BotReply(f"{said}\n{then}" if then else said, rule_id=as_text(answer.get("id")))
    if misses + 1 >= MOST_MISSES:
        return BotReply(fixed(Fixed.NO_ANSWER, tongue), handover=Handover.NO_ANSWER, misses=misses + 1)
    return BotReply(fixed(Fixed.UNSURE, tongue), misses=misses + 1)


def give_up_seconds_of(document: object) -> int:
    """Return after how many seconds without a person a chat with an address becomes an inquiry."""
    return as_whole(as_document(document).get("give_up_seconds")) or GIVE_UP_SECONDS


def escalate_seconds_of(document: object, *, is_urgent: bool) -> int:
    """Return after how many seconds without a person the supervisor is told."""
    top = as_document(document)
    if is_urgent:
        return as_whole(top.get("urgent_escalate_seconds")) or URGENT_ESCALATE_SECONDS
    usual = min(ESCALATE_SECONDS, give_up_seconds_of(top) - 10)
    return as_whole(top.get("escalate_seconds")) or usual


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with the chat's answers; a question that two answers claim is refused."""
    top = as_document(document)
    problems = unknown_keys(top, _PARTS, "")
    ids, seen = [], dict[str, str]()
    for place, item in enumerate(as_items(top.get("answers"))):
        path, answer = f"/answers/{place}", as_document(item)
        ids.append((f"{path}/id", as_text(answer.get("id"))))
        problems += [*unknown_keys(answer, _ANSWER_PARTS, path), *_answer_problems(answer, path, seen)]
    return [*problems, *_wait_problems(top), *_safety_problems(top), *duplicate_ids(ids)]


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Return what the chat answers, in sentences."""
    top = as_document(document)
    told = [f"{as_text(each.get('id'))}: to “{_first(each)}” it says {_said(each)}." for each in _of(top)]
    more = as_texts(top.get("emergency"))
    added = f", and at {', '.join(more)}" if more else ""
    return [
        *told,
        f"It stops and shows 911 or 988 at words of an emergency or a crisis{added}.",
        *(
            f"At {danger}, in {tongue.name.capitalize()}: “{safety_text(danger, tongue, top)}”"
            for danger in NUMBERS
            for tongue in Language
        ),
        f"The team's lead is told when nobody has accepted after {escalate_seconds_of(top, is_urgent=False)} seconds,"
        f" in an emergency after {escalate_seconds_of(top, is_urgent=True)} seconds.",
    ]


def _best(words: tuple[str, ...], top: Document) -> Document | None:
    """Return the answer whose wording is most alike; None where none is alike enough."""
    line, found, best = " ".join(words), None, 0.0
    for answer in _of(top):
        for wording in as_texts(answer.get("ask")):
            likeness = _likeness(line, " ".join(words_of(wording)))
            if likeness > best:
                found, best = answer, likeness
    return found if best >= LIKE_ENOUGH else None


def _likeness(line: str, wording: str) -> float:
    """Compare two folded texts, 0 to 100. The words may come in any order, and a few may be misspelt or added."""
    if not line or not wording:
        return 0.0
    whole = fuzz.token_sort_ratio(line, wording)
    longest = SequenceMatcher(None, line.split(), wording.split()).find_longest_match().size
    holds = longest == len(wording.split()) and longest >= 2
    return 100.0 if holds else float(whole)


def _of(top: Document) -> Iterator[Document]:
    for item in as_items(top.get("answers")):
        answer = as_document(item)
        if answer.get("is_active") is not False and worded(answer.get("say"), Language.ENGLISH):
            yield answer


def _said(answer: Document) -> str:
    english, spanish = (worded(answer.get("say"), tongue) for tongue in (Language.ENGLISH, Language.SPANISH))
    return f"“{english}”" if spanish == english else f"“{english}”, in Spanish “{spanish}”"


def _first(answer: Document) -> str:
    return next(iter(as_texts(answer.get("ask"))), "")


def _wait_problems(top: Document) -> Iterator[Problem]:
    for name in WAITS:
        seconds = top.get(name)
        if seconds is not None and not SHORTEST_WAIT_SECONDS <= (as_whole(seconds) or 0) <= LONGEST_WAIT_SECONDS:
            yield Problem(f"/{name}", "bad_value", "Somebody waits for 30 seconds to an hour.")
            return
    usual, urgent = (escalate_seconds_of(top, is_urgent=each) for each in (False, True))
    if usual >= give_up_seconds_of(top):
        sentence = "The supervisor hears of a wait before the chat gives up: let escalate_seconds be the shorter one."
        yield Problem("/escalate_seconds", "too_late", sentence)
    if urgent > usual:
        sentence = "An emergency waits no longer than other visitors before the supervisor hears of it."
        yield Problem("/urgent_escalate_seconds", "too_late", sentence)


def _safety_problems(top: Document) -> Iterator[Problem]:
    """Name what a tenant's own safety texts lack: a language, or the number to call."""
    safety = as_document(top.get("safety"))
    yield from unknown_keys(safety, frozenset(NUMBERS), "/safety")
    for danger, number in NUMBERS.items():
        if danger not in safety:
            continue
        texts, path = as_document(safety[danger]), f"/safety/{danger}"
        yield from unknown_keys(texts, frozenset(Language), path)
        for tongue in Language:
            text = as_text(texts.get(tongue))
            if not text:
                sentence = f"Write the safety text in {tongue.name.capitalize()} too: visitors read their language."
                yield Problem(f"{path}/{tongue}", "text_missing", sentence)
            elif number not in text:
                yield Problem(f"{path}/{tongue}", "number_missing", f"A safety text names {number}.")


def _answer_problems(answer: Document, path: str, seen: dict[str, str]) -> Iterator[Problem]:
    name = as_text(answer.get("id"))
    if not name or len(name) > 40:
        yield Problem(f"{path}/id", "id_missing", "An answer needs an id of at most 40 characters, such as Q-1.")
    if not as_text(answer.get("meaning")):
        yield Problem(f"{path}/meaning", "meaning_missing", "Say in plain words what this answer is for.")
    if not worded(answer.get("say"), Language.ENGLISH):
        yield Problem(f"{path}/say", "answer_missing", f"{name}: write the answer.")
    for part in ("say", "then"):
        yield from unknown_keys(as_document(answer.get(part)), frozenset(Language), f"{path}/{part}")
    if as_document(answer.get("then")) and not worded(answer.get("then"), Language.ENGLISH):
        yield Problem(f"{path}/then", "text_missing", f"{name}: write in English too what comes then.")
    if not as_texts(answer.get("ask")):
        yield Problem(f"{path}/ask", "question_missing", f"{name}: write at least one wording of the question.")
    for place, wording in enumerate(as_texts(answer.get("ask"))):
        folded = " ".join(words_of(wording))
        where = f"{path}/ask/{place}"
        if not folded:
            yield Problem(where, "no_word", f"“{wording}” has no word in it.")
        elif seen.setdefault(folded, name) != name:
            yield Problem(where, "question_twice", f"“{wording}” is answered by {seen[folded]} already.")
        elif danger_in(wording, {}) is not None:
            yield Problem(where, "is_emergency", f"“{wording}” tells of an emergency: a person answers that.")
