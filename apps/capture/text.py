"""Cleaning typed text: what a database cannot hold is dropped, blanks are put in order, names tidied."""

import re
import unicodedata

from apps.policies.decisions.words import words_of

_WORDS_LENGTH = 1000
_NAME_LENGTH = 100
_PART_START = re.compile(r"(^|[\s\-'’])(\w)")
_MC = re.compile(r"\b(Mc)([a-z])")


def clean(text: str, limit: int) -> str:
    """Return text without control characters and lone surrogates, trimmed and cut; line breaks stay."""
    kept = (mark for mark in text if mark in "\n\t" or unicodedata.category(mark) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", "".join(kept)).strip()[:limit].strip()


def one_line(text: str, limit: int) -> str:
    """Return clean text with every run of blanks as one blank."""
    return " ".join(clean(text, 4 * limit).split())[:limit].strip()


def tidy_name(typed: str) -> str:
    """Return a name with single blanks; capitals are set only where it was typed all in one case."""
    name = one_line(typed, _NAME_LENGTH)
    if len(name) < 2 or not (name.islower() or name.isupper()):
        return name
    raised = _PART_START.sub(lambda part: part[1] + part[2].upper(), name.lower())
    return _MC.sub(lambda part: part[1] + part[2].upper(), raised)[:_NAME_LENGTH]


def fold(text: str) -> str:
    """Return text as catalog names are compared: folded words, single blanks ("Elm St." gives "elm st")."""
    return " ".join(words_of(text))


def words_for_rules(message: str) -> str:
    """Return the folded words of a message, at most 1,000 characters and no word cut in two."""
    words = fold(clean(message, 4 * _WORDS_LENGTH))
    return words if len(words) <= _WORDS_LENGTH else words[: _WORDS_LENGTH + 1].rpartition(" ")[0]
