"""Reading answers to the tenant's own choice fields: a value of the choice, or nothing (row DD-05). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from apps.capture.terms import Answer, Unmapped
from apps.capture.text import fold, one_line
from apps.policies.decisions.words import plain_text


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """The words of one choice field: `exact` by case and blanks alone, `folded` without signs and accents too.

    A folded word that stands for two values ("A+" and "A-") says neither.
    """

    exact: Mapping[str, str]
    folded: Mapping[str, str]

    def meaning(self, typed: str, mapped: Mapping[str, str]) -> str:
        """Return the value that a text stands for, "" where nobody knows.

        A word as it is written in the catalog stands first, then what a mapping says of it, then its folded form.
        `mapped` holds the folded words of mappings.
        """
        said = mapped.get(fold(typed), "")
        by_mapping = said if said in self.exact.values() else ""
        return self.exact.get(plain_text(typed)) or by_mapping or self.folded.get(fold(typed), "")


def choice_words(known: Mapping[str, str]) -> ChoiceWords:
    """Return how a choice field is read, given its values by every word for them."""
    folded: dict[str, set[str]] = {}
    for word, value in known.items():
        folded.setdefault(fold(word), set()).add(value)
    return ChoiceWords(
        {plain_text(word): value for word, value in known.items()},
        {word: next(iter(values)) for word, values in folded.items() if word and len(values) == 1},
    )


def picked_answers(
    answers: Sequence[Answer], choices: Mapping[str, ChoiceWords], synonyms: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[Answer, ...], tuple[Unmapped, ...]]:
    """Return the answers with choices as the values of their fields, and what is none of them, which stays out."""
    fields = {fold(key): key for key in choices}
    kept: list[Answer] = []
    unknown: list[Unmapped] = []
    for answer in answers:
        key = fields.get(fold(answer.key))
        if key is None:
            kept.append(answer)
            continue
        found = {typed: choices[key].meaning(typed, synonyms.get(key, {})) for typed in _lines(answer)}
        unknown += [Unmapped(key, typed) for typed, value in found.items() if not value]
        if values := tuple(dict.fromkeys(value for value in found.values() if value)):
            kept.append(replace(answer, key=key, values=values))
    return tuple(kept), tuple(unknown)


def _lines(answer: Answer) -> list[str]:
    return [typed for value in answer.values if (typed := one_line(value, 80))]
