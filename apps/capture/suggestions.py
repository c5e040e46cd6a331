"""What an unknown word may mean: the nearest of the known words, by their spelling."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from apps.capture.text import fold

MOST, LEAST_SCORE = 3, 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that a word may mean, the known word it is like, and how alike they are (0 to 100)."""

    key: str
    word: str
    score: int


def suggestions(word: str, known: Mapping[str, str]) -> list[Suggestion]:
    """Return up to three values whose keys, names or synonyms are nearest, the nearest first."""
    best: dict[str, Suggestion] = {}
    for said, key in known.items():
        score = round(fuzz.ratio(fold(word), fold(said)))
        if score >= LEAST_SCORE and (key not in best or score > best[key].score):
            best[key] = Suggestion(key, said, score)
    return sorted(best.values(), key=lambda each: (-each.score, each.key))[:MOST]
