"""A condition as a sentence in pieces: plain words, and chips for each field and value that can be changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apps.policies.decisions.reading import Either, Every, FieldTest, Negation, Node, read_condition
from apps.policies.decisions.sentences import UNREADABLE, words_of_test
from apps.policies.terms import NO_LABELS, FieldSpec, Labels


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the sentence; chips stand out, plain words join them."""

    text: str
    is_chip: bool = False


def pieces(condition: object, fields: Mapping[str, FieldSpec], labels: Labels = NO_LABELS) -> tuple[Piece, ...]:
    """Return the sentence that `read_aloud` gives, cut where the chips are."""
    node = read_condition(condition).node
    if node is None:
        return (Piece(UNREADABLE),)
    return tuple(_cut(node, fields, labels))


def _cut(node: Node, fields: Mapping[str, FieldSpec], labels: Labels) -> Iterator[Piece]:
    if isinstance(node, FieldTest):
        name, verb, value = words_of_test(node, fields, labels)
        yield from (Piece(name, True), Piece(verb))
        if value:
            yield Piece(value, True)
        return
    if isinstance(node, Negation):
        yield Piece("not (")
        yield from _cut(node.part, fields, labels)
        yield Piece(")")
        return
    if not node.parts:
        yield Piece("Always")
    for place, part in enumerate(node.parts):
        if place:
            yield Piece("and" if isinstance(node, Every) else "or")
        mixed = isinstance(part, Every | Either) and type(part) is not type(node) and len(part.parts) > 1
        yield from (Piece("("),) if mixed else ()
        yield from _cut(part, fields, labels)
        yield from (Piece(")"),) if mixed else ()
