"""Comparing text in rules: case, accents, width and spacing never decide."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def plain_text(text: str) -> str:
    """Return text as rules compare it: compatibility form, case folded, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded and without accents, in order."""
    bare = text
    if not text.isascii():
        bare = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return tuple(_WORD.findall(bare.casefold()))


def has_phrase(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether the words of the phrase stand next to each other in the text."""
    length = len(phrase)
    return any(words[start : start + length] == phrase for start in range(len(words) - length + 1))
