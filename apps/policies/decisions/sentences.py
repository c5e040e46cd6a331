"""Reading a condition aloud: the sentence that pages, traces and the playbook show for a rule."""

from collections.abc import Mapping, Sequence

from apps.policies.decisions.reading import Either, Every, FieldTest, Negation, Node, Scalar, read_condition
from apps.policies.terms import NO_LABELS, FieldSpec, Labels, Operator

UNREADABLE = "This condition cannot be read"

_VERBS: Mapping[Operator, str] = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.IN: "is",
    Operator.NOT_IN: "is none of",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.BETWEEN: "is between",
    Operator.CONTAINS_WORD: "contains",
    Operator.STARTS_WITH: "starts with",
    Operator.IS_KNOWN: "is known",
    Operator.IS_UNKNOWN: "is not known",
}


def read_aloud(condition: object, fields: Mapping[str, FieldSpec], labels: Labels = NO_LABELS) -> str:
    """Return the condition as a sentence without full stop: "Service is Imaging and ZIP starts with 606".

    A field or value without a label is shown by its key. Brackets stand wherever "and" meets "or".
    """
    node = read_condition(condition).node
    return UNREADABLE if node is None else aloud(node, fields, labels)


def listed(words: Sequence[str], last: str = "or") -> str:
    """Join words as in a sentence: "A, B or C"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def value_label(field: str, value: object, labels: Labels = NO_LABELS) -> str:
    """Return the words for one value: its label, yes or no, or its key with blanks for underscores."""
    own = labels.get(field, {})
    if isinstance(value, bool):
        return own.get("true" if value else "false", "yes" if value else "no")
    text = str(value)
    return own.get(text, text.replace("_", " "))


def aloud(node: Node, fields: Mapping[str, FieldSpec], labels: Labels = NO_LABELS) -> str:
    """Like `read_aloud`, of a condition that was read before."""
    if isinstance(node, FieldTest):
        return " ".join(part for part in words_of_test(node, fields, labels) if part)
    if isinstance(node, Negation):
        return f"not ({aloud(node.part, fields, labels)})"
    if not node.parts:
        return "Always"
    word = " and " if isinstance(node, Every) else " or "
    return word.join(_part(part, node, fields, labels) for part in node.parts)


def _part(part: Node, whole: Every | Either, fields: Mapping[str, FieldSpec], labels: Labels) -> str:
    sentence = aloud(part, fields, labels)
    is_mixed = isinstance(part, Every | Either) and type(part) is not type(whole) and len(part.parts) > 1
    return f"({sentence})" if is_mixed else sentence


def words_of_test(test: FieldTest, fields: Mapping[str, FieldSpec], labels: Labels = NO_LABELS) -> tuple[str, str, str]:
    """Return one test as its three parts in words: field, verb, value; without a value the last one is empty."""
    spec = fields.get(test.field)
    name = spec.label if spec else test.field.replace("_", " ")
    if test.value is None:
        return name, _VERBS[test.op], ""
    items: tuple[Scalar, ...] = test.value if isinstance(test.value, tuple) else (test.value,)
    if test.op is Operator.CONTAINS_WORD:
        words = [f"“{item}”" for item in items]
    elif test.op is Operator.STARTS_WITH:
        words = [str(item) for item in items]
    else:
        words = [value_label(test.field, item, labels) for item in items]
    return name, _VERBS[test.op], listed(words, "and" if test.op is Operator.BETWEEN else "or")
