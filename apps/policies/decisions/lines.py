"""A rule document as lines that a person can read: every rule with its condition as a sentence.

Works for every kind, also for parts that a later version of a kind adds: what is not known here is
shown by its key, never left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.policies.decisions.documents import as_text
from apps.policies.decisions.sentences import listed, read_aloud, value_label
from apps.policies.terms import FieldSpec, Labels

#: Said in the heading of a rule, so not repeated below it.
_HEADING = ("id", "name", "key", "kind", "stage", "check", "label")
_SHOWN_APART = frozenset({*_HEADING, "meaning", "when", "is_active"})
_INDENT = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page; `indent` in quarters of a rem, as the style sheet counts."""

    indent: int
    text: str
    note: str = ""
    is_heading: bool = False


def document_lines(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[Line]:
    """Return the whole document in order."""
    return list(_Reader(fields, labels).value(document, 0))


class _Reader:
    def __init__(self, fields: Mapping[str, FieldSpec], labels: Labels) -> None:
        self.fields, self.labels = fields, labels

    def value(self, value: object, depth: int) -> Iterator[Line]:
        if isinstance(value, Mapping):
            yield from self.part(value, depth)
        elif isinstance(value, list):
            for item in value:
                yield from self.item(item, depth)
        else:
            yield Line(depth * _INDENT, self.word("", value))

    def item(self, item: object, depth: int) -> Iterator[Line]:
        """Yield one entry of a list: a rule gets a heading, its meaning and its condition."""
        if not isinstance(item, Mapping):
            yield from self.value(item, depth)
            return
        said = {name: as_text(item.get(name)) for name in _HEADING}
        names = [word for name, word in said.items() if word and not (name == "key" and said["name"])]
        off = "switched off" if item.get("is_active") is False else ""
        if names:
            words = [each.replace("_", " ") if place else each for place, each in enumerate(names)]
            yield Line(depth * _INDENT, " · ".join(words), off, is_heading=True)
        if as_text(item.get("meaning")):
            yield Line((depth + 1) * _INDENT, as_text(item.get("meaning")))
        if "when" in item:
            sentence = read_aloud(item["when"], self.fields, self.labels)
            yield Line(
                (depth + 1) * _INDENT,
                f"When {sentence[0].lower()}{sentence[1:]}" if sentence == "Always" else f"When: {sentence}",
            )
        rest = {key: each for key, each in item.items() if key not in _SHOWN_APART}
        yield from self.part(rest, depth + (1 if names else 0))

    def part(self, part: Mapping[Any, object], depth: int) -> Iterator[Line]:
        """Yield each key with its value; short lists stand in one sentence."""
        for key, value in part.items():
            name = str(key).replace("_", " ")
            name = f"{name[:1].upper()}{name[1:]}"
            if isinstance(value, list) and all(not isinstance(each, dict | list) for each in value):
                words = listed([self.word(str(key), each) for each in value], "and")
                yield Line(depth * _INDENT, f"{name}: {words or 'nothing'}")
            elif (
                isinstance(value, dict) and value and not any(isinstance(each, dict | list) for each in value.values())
            ):
                words = "; ".join(
                    f"{str(inner).replace('_', ' ')}: {self.word(str(inner), each)}" for inner, each in value.items()
                )
                yield Line(depth * _INDENT, f"{name}: {words}")
            elif isinstance(value, dict | list):
                yield Line(depth * _INDENT, name, "" if value else "nothing", is_heading=bool(value))
                yield from self.value(value, depth + 1)
            else:
                yield Line(depth * _INDENT, f"{name}: {self.word(str(key), value)}")

    def word(self, key: str, value: object) -> str:
        """Return a value in words; seconds also as minutes, hours or days."""
        if key.endswith("seconds") and isinstance(value, int) and not isinstance(value, bool):
            return _span(value)
        return "nothing" if value is None or value == "" else value_label(key, value, self.labels)


def _span(seconds: int) -> str:
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
