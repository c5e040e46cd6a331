"""The rows of a condition: one test each, as plain HTML fields. Reads and draws only."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from apps.policies.decisions.rule_rows import Joint, Row, Rows, as_rows, split_values
from apps.policies.terms import OPERATORS_BY_KIND, FieldKind, FieldSpec, Labels, Operator

MOST_ROWS = 50
OPERATOR_WORDS = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.BETWEEN: "is between (two numbers, with a comma)",
    Operator.CONTAINS_WORD: "contains one of the words",
    Operator.STARTS_WITH: "starts with",
    Operator.IS_KNOWN: "is known",
    Operator.IS_UNKNOWN: "is not known",
}
Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One row as the template draws it. `choices` are options when the field has a picklist."""

    number: int
    field: str
    op: str
    label: str
    operators: Options
    choices: Options
    chosen: tuple[str, ...]
    text: str
    takes_value: bool


@dataclass(frozen=True, slots=True)
class DrawnCondition:
    """A condition as the template draws it; `rows` None where rows cannot show it, and it stays as it is."""

    rows: list[DrawnRow] | None
    joint: str
    fields: Options


def draw_condition(rows: Rows | None, fields: Mapping[str, FieldSpec], labels: Labels) -> DrawnCondition:
    """Return a condition with the operators and values that fit each field."""
    offered = sorted(((key, spec.label) for key, spec in fields.items()), key=lambda pair: pair[1])
    if rows is None:
        return DrawnCondition(None, str(Joint.ALL), offered)
    drawn = [_drawn(number, row, fields.get(row.field), labels) for number, row in enumerate(rows.rows)]
    return DrawnCondition(drawn, str(rows.joint), offered)


def rows_of(condition: object) -> Rows | None:
    """Return a condition as rows; without one there are none yet."""
    return Rows(Joint.ALL, ()) if condition is None else as_rows(condition)


def posted_rows(post: QueryDict) -> Rows:
    """Return the rows of a condition as they were posted."""
    rows = []
    for number in range(min(int(post.get("rows", "0") or 0), MOST_ROWS) if post.get("rows", "0").isdecimal() else 0):
        field, op = post.get(f"field-{number}", ""), post.get(f"op-{number}", "")
        values = [part for text in post.getlist(f"value-{number}") for part in split_values(text)]
        if field:
            rows.append(Row(field, op, tuple(values)))
    joint = Joint.ANY if post.get("joint") == Joint.ANY else Joint.ALL
    return Rows(joint, tuple(rows))


def after_deed(rows: Rows, deed: str, field: str, fields: Mapping[str, FieldSpec]) -> Rows:
    """Return the rows after "add-row" (an empty one for a field) or "drop-2"; as they are after any other deed."""
    if deed == "add-row" and field in fields:
        return Rows(rows.joint, (*rows.rows, Row(field, str(Operator.IS))))
    word, _, number = deed.partition("-")
    if word == "drop" and number.isdecimal():
        return Rows(rows.joint, tuple(row for place, row in enumerate(rows.rows) if place != int(number)))
    return rows


def _drawn(number: int, row: Row, spec: FieldSpec | None, labels: Labels) -> DrawnRow:
    operators = OPERATORS_BY_KIND[spec.kind] if spec else frozenset(Operator)
    return DrawnRow(
        number,
        row.field,
        row.op,
        spec.label if spec else row.field,
        [(str(op), OPERATOR_WORDS[op]) for op in Operator if op in operators],
        _choices(spec, labels, row.values),
        row.values,
        ", ".join(row.values),
        row.op not in (Operator.IS_KNOWN, Operator.IS_UNKNOWN),
    )


def _choices(spec: FieldSpec | None, labels: Labels, chosen: tuple[str, ...]) -> Options:
    if spec is None:
        return []
    if spec.kind is FieldKind.FLAG:
        return [("true", "yes"), ("false", "no")]
    names = labels.get(spec.key, {})
    if not spec.choices:
        return []
    keys = [*chosen, *(each for each in spec.choices if each not in chosen)]
    return [(key, names.get(key, key.replace("_", " "))) for key in keys]
