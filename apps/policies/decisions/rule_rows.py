"""A condition as the rows of a form, and back: one row for each test, joined by "all" or "any".

What rows cannot show (groups inside groups, "not", a value with a comma) has no rows: the form then
keeps the condition as it is and shows it as a sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from apps.policies.decisions.reading import Either, Every, FieldTest, Scalar, read_condition
from apps.policies.terms import FieldKind, FieldSpec, Operator

_LISTS = frozenset({Operator.IN, Operator.NOT_IN, Operator.BETWEEN, Operator.CONTAINS_WORD})
_WITHOUT_VALUE = frozenset({Operator.IS_KNOWN, Operator.IS_UNKNOWN})
_WIDER = {Operator.IS: Operator.IN, Operator.IS_NOT: Operator.NOT_IN}
_NUMERIC = frozenset({Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN})


class Joint(StrEnum):
    """How the rows are joined."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Row:
    """One test as a form shows it: every value as text."""

    field: str
    op: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """A flat condition. Without rows it holds always."""

    joint: Joint
    rows: tuple[Row, ...]


def as_rows(condition: object) -> Rows | None:
    """Return a condition as rows, or None when rows would lose something of it."""
    node = read_condition(condition).node
    if isinstance(node, FieldTest):
        node = Every((node,))
    if not isinstance(node, Every | Either):
        return None
    rows = [_row(part) for part in node.parts if isinstance(part, FieldTest)]
    known = tuple(row for row in rows if row is not None)
    if len(known) != len(node.parts):
        return None
    return Rows(Joint.ALL if isinstance(node, Every) else Joint.ANY, known)


def as_condition(rows: Rows, fields: Mapping[str, FieldSpec]) -> dict[str, object]:
    """Return rows as a condition; a value that does not fit its field is kept for the check to name."""
    tests = [_test(row, fields) for row in rows.rows]
    if not tests:
        return {"always": True}
    return tests[0] if len(tests) == 1 else {str(rows.joint): tests}


def split_values(text: str) -> tuple[str, ...]:
    """Return the values of a text field, which are separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _row(test: FieldTest) -> Row | None:
    items: tuple[Scalar, ...] = test.value if isinstance(test.value, tuple) else ()
    if not items and test.value is not None and not isinstance(test.value, tuple):
        items = (test.value,)
    texts = tuple(_as_text(item) for item in items)
    return None if any("," in text for text in texts) else Row(test.field, str(test.op), texts)


def _as_text(item: Scalar) -> str:
    return ("true" if item else "false") if isinstance(item, bool) else str(item)


def _test(row: Row, fields: Mapping[str, FieldSpec]) -> dict[str, object]:
    spec = fields.get(row.field)
    test: dict[str, object] = {"field": row.field, "op": row.op}
    if row.op in _WITHOUT_VALUE:
        return test
    values = [_as_scalar(text, spec, row.op) for text in row.values]
    wider = _WIDER.get(Operator(row.op)) if row.op in set(Operator) else None
    if wider and len(values) > 1:
        test["op"] = str(wider)
    is_list = test["op"] in _LISTS
    test["value"] = values if is_list else _only(values)
    return test


def _only(values: Sequence[object]) -> object:
    return values[0] if len(values) == 1 else list(values) or None


def _as_scalar(text: str, spec: FieldSpec | None, op: str) -> Scalar:
    if spec is not None and spec.kind is FieldKind.FLAG:
        return {"true": True, "false": False}.get(text, text)
    if (spec is not None and spec.kind is FieldKind.NUMBER) or op in _NUMERIC:
        return _number(text)
    return text


def _number(text: str) -> Scalar:
    try:
        number = float(text)
    except ValueError:
        return text
    if not isfinite(number):
        return text
    return int(number) if number.is_integer() else number
