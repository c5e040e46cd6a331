"""What the machine says to a visitor's line. It gives fixed answers to listed questions and never makes one up.

A document is `{"answers": [{"id": "Q-1", "meaning": "…", "ask": ["what are your hours", …], "say": "…", "then": "…"}],
"clinical": ["diagnosis", …], "human": ["speak to a person", …], "emergency": [more words], "greeting": "…",
"give_up_seconds": 300}`. Words of an emergency and of a crisis are the product's own: a tenant may add some and take
none away. They are looked at first, in every line, whoever is in the conversation.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from apps.chat.terms import BotReply, Handover
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

EMERGENCY = (
    *("chest pain", "chest hurts", "pain in my chest", "chest pressure", "heart attack", "stroke", "cannot breathe"),
    *("can't breathe", "cant breathe", "trouble breathing", "short of breath", "unconscious", "passed out", "seizure"),
    *("bleeding heavily", "won't stop bleeding", "overdose", "severe allergic", "throat is closing", "face drooping"),
    *("dolor de pecho", "me duele el pecho", "no puedo respirar", "derrame cerebral", "sobredosis"),
)
CRISIS = (
    *("suicide", "suicidal", "kill myself", "end my life", "want to die", "hurt myself", "harm myself"),
    *("don't want to live", "self harm", "suicidio", "matarme", "quiero morir", "quitarme la vida"),
)
CLINICAL = (
    *("diagnosis", "diagnose", "symptom", "symptoms", "medication", "dose", "side effects", "test result"),
    *("test results", "is it serious", "what should i take", "should i worry", "infection", "pregnant"),
    *("sintomas", "medicamento", "resultados"),
)
HUMAN = (
    *("human", "real person", "speak to someone", "talk to someone", "speak to a person", "talk to a person"),
    *("agent", "representative", "operator", "call me", "una persona", "hablar con alguien"),
)
EMERGENCY_TEXT = (
    "This may be an emergency. Call 911 now, or go to the nearest emergency room. Do not wait for this chat."
    " We have also told our team."
)
CRISIS_TEXT = (
    "You are not alone. Call or text 988 now to reach the Suicide & Crisis Lifeline, day or night. If you are in"
    " danger, call 911. We have also told our team."
)
CLINICAL_TEXT = "I cannot answer questions about your health. A person goes on from here."
ASKED_TEXT = "I am asking a person to join. Please stay on this page."
UNSURE_TEXT = "I do not know the answer to that. Could you say it in other words, or ask for a person?"
NO_ANSWER_TEXT = "I do not know the answer to that either. A person goes on from here."
GREETING = "Hello. I can answer common questions, or bring in a person. Please leave out details of your health."
#: How alike a line must be to a listed wording (0 to 100), and how many misses lead to a person.
LIKE_ENOUGH, MOST_MISSES = 84, 2
GIVE_UP_SECONDS = 300
_PARTS = frozenset({"answers", "clinical", "human", "emergency", "greeting", "give_up_seconds"})
_ANSWER_PARTS = frozenset({"id", "meaning", "ask", "say", "then", "is_active"})
_SAFETY_TEXTS = {Handover.EMERGENCY: EMERGENCY_TEXT, Handover.CRISIS: CRISIS_TEXT}


def danger_in(text: str, document: object) -> Handover | None:
    """Say whether a line tells of an emergency or a crisis; asked of every line of a visitor."""
    words = words_of(text)
    if _has_any(words, CRISIS):
        return Handover.CRISIS
    more = as_texts(as_document(document).get("emergency"))
    return Handover.EMERGENCY if _has_any(words, (*EMERGENCY, *more)) else None


def safety_text(danger: Handover) -> str:
    """Return what is shown at once when somebody may be in danger."""
    return _SAFETY_TEXTS[danger]


def reply_to(text: str, misses: int, document: object) -> BotReply:
    """Return what the machine says; `misses` counts its lines without an answer so far.

    Danger beats everything, a wish for a person and clinical words beat answers, and the second line in a row
    without an answer brings a person in.
    """
    top = as_document(document)
    danger = danger_in(text, top)
    if danger is not None:
        return BotReply(safety_text(danger), handover=danger)
    words = words_of(text)
    if _has_any(words, (*CLINICAL, *as_texts(top.get("clinical")))):
        return BotReply(CLINICAL_TEXT, handover=Handover.CLINICAL)
    if _has_any(words, (*HUMAN, *as_texts(top.get("human")))):
        return BotReply(ASKED_TEXT, handover=Handover.ASKED)
    answer = _best(words, top)
    if answer is not None:
        then = as_text(answer.get("then"))
        said = as_text(answer.get("say"))
        return BotReply(f"{said}\n{then}" if then else said, rule_id=as_text(answer.get("id")))
    if misses + 1 >= MOST_MISSES:
        return BotReply(NO_ANSWER_TEXT, handover=Handover.NO_ANSWER, misses=misses + 1)
    return BotReply(UNSURE_TEXT, misses=misses + 1)


def greeting_of(document: object) -> str:
    """Return the first line of a conversation."""
    return as_text(as_document(document).get("greeting"), GREETING)


def give_up_seconds_of(document: object) -> int:
    """Return after how many seconds without a person a chat with an address becomes an inquiry."""
    return as_whole(as_document(document).get("give_up_seconds")) or GIVE_UP_SECONDS


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with the chat's answers; a question that two answers claim is refused."""
    top = as_document(document)
    problems = unknown_keys(top, _PARTS, "")
    ids, seen = [], dict[str, str]()
    for place, item in enumerate(as_items(top.get("answers"))):
        path, answer = f"/answers/{place}", as_document(item)
        ids.append((f"{path}/id", as_text(answer.get("id"))))
        problems += [*unknown_keys(answer, _ANSWER_PARTS, path), *_answer_problems(answer, path, seen)]
    seconds = top.get("give_up_seconds")
    if seconds is not None and not 30 <= (as_whole(seconds) or 0) <= 3600:
        sentence = "Somebody waits for 30 seconds to an hour."
        problems.append(Problem("/give_up_seconds", "bad_value", sentence))
    return problems + duplicate_ids(ids)


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Return what the chat answers, in sentences."""
    top = as_document(document)
    told = [
        f"{as_text(each.get('id'))}: to “{_first(each)}” it says “{as_text(each.get('say'))}”." for each in _of(top)
    ]
    more = as_texts(top.get("emergency"))
    added = f", and at {', '.join(more)}" if more else ""
    return [*told, f"It stops and shows 911 or 988 at words of an emergency or a crisis{added}."]


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
        if answer.get("is_active") is not False and as_text(answer.get("say")):
            yield answer


def _first(answer: Document) -> str:
    return next(iter(as_texts(answer.get("ask"))), "")


def _has_any(words: tuple[str, ...], phrases: Iterable[str]) -> bool:
    text = f" {' '.join(words)} "
    return any(f" {' '.join(words_of(each))} " in text for each in phrases if words_of(each))


def _answer_problems(answer: Document, path: str, seen: dict[str, str]) -> Iterator[Problem]:
    name = as_text(answer.get("id"))
    if not name or len(name) > 40:
        yield Problem(f"{path}/id", "id_missing", "An answer needs an id of at most 40 characters, such as Q-1.")
    if not as_text(answer.get("meaning")):
        yield Problem(f"{path}/meaning", "meaning_missing", "Say in plain words what this answer is for.")
    if not as_text(answer.get("say")):
        yield Problem(f"{path}/say", "answer_missing", f"{name}: write the answer.")
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
