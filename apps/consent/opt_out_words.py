"""Recognising an opt-out in what a person writes or says.

47 CFR 64.1200(a)(10): a person may revoke by any reasonable means, and these words in a reply revoke by
themselves: stop, quit, end, revoke, opt out, cancel, unsubscribe. We read them in any case, spacing or
punctuation, and their Spanish and French counterparts. Any other wording that sounds like an opt-out counts
too, but as such: it is held at once and a person looks at it. In doubt it is an opt-out.
"""

from collections.abc import Sequence

from apps.consent.terms import OptOut, OptOutKind
from apps.policies.decisions.words import has_phrase, words_of

_KEYWORDS = frozenset(
    {
        "stop",
        "stopall",
        "quit",
        "end",
        "revoke",
        "optout",
        "cancel",
        "unsubscribe",
        "remove",
        "alto",
        "pare",
        "parar",
        "parad",
        "detener",
        "cancelar",
        "baja",
        "nomas",
        "arret",
    }
)
_POLITE = frozenset({"please", "pls", "thanks", "thank", "you", "now", "por", "favor", "gracias", "ya", "merci", "svp"})

_PHRASES = tuple(
    words_of(phrase)
    for phrase in (
        "unsubscribe",
        "opt out",
        "optout",
        "opt me out",
        "remove me",
        "take me off",
        "leave me alone",
        "stop calling",
        "stop texting",
        "stop messaging",
        "stop emailing",
        "stop contacting",
        "stop sending",
        "stop all",
        "quit calling",
        "quit texting",
        "do not call",
        "do not text",
        "do not message",
        "do not email",
        "do not contact",
        "don t call",
        "don t text",
        "don t message",
        "don t email",
        "don t contact",
        "dont call",
        "dont text",
        "dont message",
        "dont email",
        "dont contact",
        "no more calls",
        "no more texts",
        "no more messages",
        "no more emails",
        "never call",
        "never text",
        "never contact",
        "revoke my consent",
        "revoke consent",
        "withdraw my consent",
        "withdraw consent",
        "no me llame",
        "no me llamen",
        "no me llames",
        "no me escriba",
        "no me escriban",
        "no me contacte",
        "no me contacten",
        "no me envie",
        "no me envien",
        "no mas mensajes",
        "no mas llamadas",
        "deje de llamar",
        "dejen de llamar",
        "deje de enviar",
        "dejen de enviar",
        "darme de baja",
        "quitenme",
        "quiteme",
    )
)

#: What turns "stop calling" into its contrary.
_NOT = (("don", "t"), ("dont",), ("do", "not"), ("never",))
#: Words that make an answer worth reading wherever they stand in it.
_MAYBE = frozenset({"stop", "stopall", "unsubscribe", "optout"})
#: "Stop" and so few words are an opt-out; with more it is a story that a person reads.
MOST_WORDS = 12
#: "Stop by tomorrow" is a visit, not an opt-out.
_AFTER_STOP = frozenset({"by", "in", "over", "at", "off", "for"})


def is_opt_out(text: str) -> OptOut | None:
    """Return the opt-out in a text, or None.

    A message that holds nothing but keywords (and politeness) is one. "Cancel my visit" is none; "stop" at
    the start of a longer message, or a phrase that asks to be left alone, is wording for a person to confirm.
    "Don't stop calling" and a story that begins with "stop" say it unclearly: they stop nothing by themselves.
    """
    words = words_of(text)
    said = tuple(word for word in words if word not in _POLITE)
    if said and ("".join(said) in _KEYWORDS or all(word in _KEYWORDS for word in said)):
        return OptOut(OptOutKind.KEYWORD, " ".join(said))
    found = [phrase for phrase in _PHRASES if has_phrase(words, phrase)]
    if clear := [phrase for phrase in found if not _is_denied(words, phrase)]:
        return OptOut(OptOutKind.WORDING, " ".join(clear[0]))
    if found:
        return OptOut(OptOutKind.UNCLEAR, " ".join(found[0]))
    if len(said) > 1 and said[0] in ("stop", "stopall") and said[1] not in _AFTER_STOP:
        kind = OptOutKind.WORDING if len(said) <= MOST_WORDS else OptOutKind.UNCLEAR
        return OptOut(kind, said[0])
    return None


def may_be_opt_out(text: str) -> OptOut | None:
    """Return what in an answer to us may be meant as an opt-out, though it does not say so; for a person to read.

    "Don't stop" and a long story with "stop" in it. "I will stop by" is a visit.
    """
    words = words_of(text)
    for place, word in enumerate(words):
        after = words[place + 1 : place + 2]
        if word in _MAYBE and not set(after) & _AFTER_STOP:
            return OptOut(OptOutKind.UNCLEAR, word)
    return None


def _is_denied(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the phrase stands only behind a "don't" or "never"."""
    size = len(phrase)
    places = [at for at in range(len(words) - size + 1) if tuple(words[at : at + size]) == tuple(phrase)]
    return bool(places) and all(any(tuple(words[:at])[-len(no) :] == no for no in _NOT) for at in places)
