"""Who only asks for information: no need, no place, no time, and words about prices or the like (row SC-09).

Pure. Somebody who says what they need, where or by when is ready for intake, however they ask; and so is everybody who
called or chats, who writes in a hurry, or whose words are not about information: they are called, not put off.
"""

from collections.abc import Mapping

from apps.policies.decisions.documents import as_document, as_items, as_texts
from apps.policies.decisions.words import has_phrase, words_of
from apps.policies.terms import Problem
from apps.qualification.consistency import IN_A_HURRY

#: What routing calls the way of such leads (`workflow`).
INFORMATION = "information"
LOWEST = "P3"
SPOKEN = frozenset({"call", "chat", "referral", "event"})
USUAL_WORDS = (
    *("price", "prices", "pricing", "cost", "costs", "how much", "fees", "tell me more", "more information"),
    *("opening hours", "precio", "precios", "cuanto cuesta", "cuánto cuesta", "cuanto", "más información"),
)
_OPEN = ("service", "location", "requested_location", "timeframe")


def is_information_only(facts: Mapping[str, object], message: str, *, names_service: bool, document: object) -> bool:
    """Say whether an inquiry asks for information only. `names_service` says that its words name a service."""
    if any(facts.get(name) for name in _OPEN) or names_service or facts.get("channel") in SPOKEN:
        return False
    if facts.get("lead_class") != "patient" or facts.get("priority") not in (None, LOWEST):
        return False
    words = words_of(message)
    said = [each for each in (*words_asked(document), *IN_A_HURRY) if has_phrase(words, words_of(each))]
    return bool(said) and not set(said) & set(IN_A_HURRY)


def words_asked(document: object) -> tuple[str, ...]:
    """Return the words by which people ask for information: the document's, else the usual ones."""
    return as_texts(as_document(as_document(document).get("information")).get("words")) or USUAL_WORDS


def check_information(value: object) -> list[Problem]:
    """Name what is wrong with the part of a criteria document that says who only asks for information."""
    words = as_items(as_document(value).get("words"))
    if value is None or (set(as_document(value)) == {"words"} and words and len(as_texts(words)) == len(words)):
        return []
    return [Problem("/information", "bad_words", "Say by which words people ask for information: {words: [...]}.")]
