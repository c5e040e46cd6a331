"""The form of one routing rule: rows for its condition, selects for its effects, as plain HTML fields.

Reads what was posted into a rule of the document and draws a rule as fields; it stores nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from apps.accounts.queries import skills_held
from apps.catalog.queries import locations_by_key, queues_by_key
from apps.policies.decisions.rule_rows import Joint, Row, Rows, as_condition, as_rows, split_values
from apps.policies.queries import queue_tags
from apps.policies.terms import OPERATORS_BY_KIND, FieldKind, FieldSpec, Labels, Operator
from apps.routing.terms import PRIORITIES, Effect, Method, OfficeMode

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
    """One row as the template draws it. `values` are options when the field has a picklist."""

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
class Posted:
    """What a form said: the rule as a document, and its rows (None: the condition stays as it is)."""

    rule: dict[str, Any]
    rows: Rows | None


def read_posted(post: QueryDict, before: Mapping[str, Any], fields: Mapping[str, FieldSpec]) -> Posted:
    """Return the rule that the form describes; parts that the form does not show stay as they were."""
    rule = dict(before)
    for name in ("id", "name", "meaning"):
        rule[name] = post.get(name, "").strip()
    rows = None
    if "joint" in post:
        rows = posted_rows(post)
        rule["when"] = as_condition(rows, fields)
    effects = {str(each): post.get(f"then-{each}", "").strip() for each in Effect}
    rule["then"] = {key: value for key, value in effects.items() if value}
    for name, usual in (("stop", False), ("is_active", True)):
        said = name in post
        rule.pop(name, None)
        if said is not usual:
            rule[name] = said
    return Posted(rule, rows)


def drawn_rows(rows: Rows, fields: Mapping[str, FieldSpec], labels: Labels) -> list[DrawnRow]:
    """Return the rows with the operators and values that fit each field."""
    found = []
    for number, row in enumerate(rows.rows):
        spec = fields.get(row.field)
        operators = OPERATORS_BY_KIND[spec.kind] if spec else frozenset(Operator)
        choices = _choices(spec, labels, row.values)
        found.append(
            DrawnRow(
                number,
                row.field,
                row.op,
                spec.label if spec else row.field,
                [(str(op), OPERATOR_WORDS[op]) for op in Operator if op in operators],
                choices,
                row.values,
                ", ".join(row.values),
                row.op not in (Operator.IS_KNOWN, Operator.IS_UNKNOWN),
            )
        )
    return found


def effect_choices(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the selects of the effects, each with what is chosen; a value nobody knows stays choosable."""
    offices: Options = [(str(mode), str(mode).replace("_", " ")) for mode in OfficeMode]
    offices += [(key, row.name) for key, row in locations_by_key().items()]
    queues = [(key, row.name if row.is_active else f"{row.name} (not active)") for key, row in queues_by_key().items()]
    options: dict[Effect, tuple[str, Options]] = {
        Effect.PRIORITY: ("Priority", [(each, each) for each in PRIORITIES]),
        Effect.OFFICE: ("Office", offices),
        Effect.QUEUE: ("Send to queue", queues),
        Effect.QUEUE_TAG: ("Or the office's queue for", [(tag, tag) for tag in sorted(queue_tags())]),
        Effect.METHOD: ("Hand out", [(str(each), str(each).replace("_", " ")) for each in Method]),
        Effect.SKILL: ("To somebody with the skill", [(each, each) for each in skills_held()]),
    }
    then = rule.get("then") or {}
    found = []
    for effect, (label, choices) in options.items():
        chosen = str(then.get(effect, ""))
        known = {key for key, _ in choices}
        extra = [(chosen, f"{chosen} (not known)")] if chosen and chosen not in known else []
        found.append({"name": f"then-{effect}", "label": label, "choices": [*choices, *extra], "chosen": chosen})
    return found


def rows_of(rule: Mapping[str, Any]) -> Rows | None:
    """Return a rule's condition as rows; a new rule starts without any."""
    return as_rows(rule["when"]) if "when" in rule else Rows(Joint.ALL, ())


def with_new_row(rows: Rows, field: str) -> Rows:
    """Return the rows with an empty one for a field."""
    return Rows(rows.joint, (*rows.rows, Row(field, str(Operator.IS))))


def without_row(rows: Rows, number: int) -> Rows:
    """Return the rows without one."""
    return Rows(rows.joint, tuple(row for place, row in enumerate(rows.rows) if place != number))


def posted_rows(post: QueryDict) -> Rows:
    """Return the rows of a condition as they were posted."""
    rows = []
    for number in range(min(int(post.get("rows", "0") or 0), 50) if post.get("rows", "0").isdecimal() else 0):
        field, op = post.get(f"field-{number}", ""), post.get(f"op-{number}", "")
        values = [part for text in post.getlist(f"value-{number}") for part in split_values(text)]
        if field:
            rows.append(Row(field, op, tuple(values)))
    joint = Joint.ANY if post.get("joint") == Joint.ANY else Joint.ALL
    return Rows(joint, tuple(rows))


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
