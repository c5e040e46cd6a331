"""Words that may tell of danger: in an answer, a text or a chat they bring in a person and stop what we send (TN-16).

Pure. The product's lists are in English and Spanish, for one writes in one's own; a tenant adds words, and leaves out
those that mean something else there. Who answers asks no negation: a person reads it in any case.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.policies.decisions.documents import as_document, as_text, as_texts, as_whole, unknown_keys
from apps.policies.decisions.words import has_phrase, words_of
from apps.policies.terms import Known, Problem
from apps.qualification.review_status import check_seconds, check_team

EMERGENCY: Mapping[str, tuple[str, ...]] = {
    "en": (
        *("chest pain", "chest hurts", "pain in my chest", "chest pressure", "heart attack", "stroke"),
        *("cannot breathe", "can't breathe", "cant breathe", "trouble breathing", "short of breath", "unconscious"),
        *("passed out", "seizure", "bleeding heavily", "won't stop bleeding", "overdose", "severe allergic"),
        *("throat is closing", "face drooping"),
    ),
    "es": (
        *("dolor de pecho", "dolor en el pecho", "me duele el pecho", "presion en el pecho", "ataque al corazon"),
        *("infarto", "no puedo respirar", "me cuesta respirar", "derrame cerebral", "sobredosis", "convulsion"),
        *("convulsiones", "se desmayo", "inconsciente", "no para de sangrar", "se me cierra la garganta"),
    ),
}
CRISIS: Mapping[str, tuple[str, ...]] = {
    "en": (
        *("suicide", "suicidal", "kill myself", "end my life", "want to die", "hurt myself", "harm myself"),
        *("don't want to live", "self harm"),
    ),
    "es": (
        *("suicidio", "suicidarme", "matarme", "quiero morir", "quitarme la vida", "hacerme dano"),
        *("no quiero vivir",),
    ),
}
USUAL_SECONDS, MOST_WORDS, LONGEST_WORDS = 900, 200, 60
_PARTS = frozenset({"words", "without", "team", "within_seconds", "escalates_to"})


@dataclass(frozen=True, slots=True)
class Alarms:
    """Which phrases bring in a person, of which team, within which time, and to whom it goes then."""

    phrases: tuple[tuple[str, ...], ...] = ()
    team: str = ""
    within_seconds: int = USUAL_SECONDS
    escalates_to: str = ""


def alarms_of(document: Mapping[str, object]) -> Alarms:
    """Read the alarms of the rules of intake work; the product's words hold without any. Never raises."""
    part = as_document(document.get("alarms"))
    usual = [each for lists in (CRISIS, EMERGENCY) for words in lists.values() for each in words]
    without = {words_of(each) for each in as_texts(part.get("without"))}
    phrases = dict.fromkeys(words_of(each) for each in (*usual, *as_texts(part.get("words"))))
    return Alarms(
        tuple(each for each in phrases if each and each not in without),
        as_text(part.get("team")),
        as_whole(part.get("within_seconds")) or USUAL_SECONDS,
        as_text(part.get("escalates_to")),
    )


def has_alarm(text: str, alarms: Alarms) -> bool:
    """Say whether a text may tell of danger. Which words did is told nobody."""
    said = words_of(text)
    return any(has_phrase(said, each) for each in alarms.phrases)


def check_alarms(value: object, known: Known) -> list[Problem]:
    """Name everything wrong with the alarms: unknown teams, words that cannot be, times that cannot be."""
    part, path = as_document(value), "/alarms"
    problems = unknown_keys(part, _PARTS, path)
    for name in ("words", "without"):
        given = as_texts(part.get(name))
        if len(given) > MOST_WORDS or any(len(each) > LONGEST_WORDS or not words_of(each) for each in given):
            said = f"At most {MOST_WORDS} phrases of at most {LONGEST_WORDS} characters, each with a word."
            problems.append(Problem(f"{path}/{name}", "bad_words", said))
    for name in ("team", "escalates_to"):
        problems += check_team(as_text(part.get(name)), f"{path}/{name}", known)
    return problems + check_seconds(part.get("within_seconds"), f"{path}/within_seconds")


def alarms_aloud(value: object) -> list[str]:
    """Read the alarms aloud."""
    part = as_document(value)
    if not part:
        return []
    alarms = alarms_of({"alarms": part})
    team = alarms.team.replace("-", " ") or "the lead's owner"
    then = alarms.escalates_to.replace("-", " ") or "the lead of the team that owns the lead"
    within = f"{alarms.within_seconds // 60} minutes"
    said = f"Words of danger pause what is sent by itself; {team} reads within {within}, else {then} is told."
    added, left = as_texts(part.get("words")), as_texts(part.get("without"))
    return [
        said,
        *([f"Besides the usual words: {', '.join(added)}."] if added else []),
        *([f"Left out: {', '.join(left)}."] if left else []),
    ]
