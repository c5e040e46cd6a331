"""What changed between two versions of a document, sentence by sentence, and line by line of its JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from enum import StrEnum


class Change(StrEnum):
    """What became of a sentence."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a document; a heading says which rule the lines below belong to."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class ChangedSentence:
    """A sentence that went or came, or the heading above it."""

    change: Change
    text: str


def changed_sentences(before: Sequence[Sentence], after: Sequence[Sentence]) -> tuple[ChangedSentence, ...]:
    """Return the sentences that went and came, each below the heading of its rule. Empty: nothing changed."""
    found: list[ChangedSentence] = []
    said: Sentence | None = None
    for tag, left, left_end, right, right_end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        heading = _heading_above(after, right)
        first = [*before[left:left_end], *after[right:right_end]][0]
        if heading is not None and heading != said and not first.is_heading:
            found.append(ChangedSentence(Change.SAME, heading.text))
            said = heading
        found += [ChangedSentence(Change.GONE, each.text) for each in before[left:left_end]]
        found += [ChangedSentence(Change.NEW, each.text) for each in after[right:right_end]]
    return tuple(found)


def raw_changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[ChangedSentence, ...]:
    """Return the lines of the JSON that went and came, with three lines around them. Empty: nothing changed.

    A line between two stretches names the place, as "@@ -10,7 +10,8 @@".
    """
    old, new = (json.dumps(each, indent=2, ensure_ascii=False).split("\n") for each in (before, after))
    marks = {"-": Change.GONE, "+": Change.NEW}
    lines = list(unified_diff(old, new, lineterm=""))[2:]
    return tuple(
        ChangedSentence(marks.get(line[:1], Change.SAME), line if line.startswith("@@") else line[1:]) for line in lines
    )


def _heading_above(lines: Sequence[Sentence], place: int) -> Sentence | None:
    return next((line for line in reversed(lines[:place]) if line.is_heading), None)
