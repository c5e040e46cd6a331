"""Reading a condition: from JSON to a small tree, naming everything in it that cannot be read.

A condition is one of

    {"all": [condition, ...]}      every part holds
    {"any": [condition, ...]}      at least one part holds
    {"not": condition}             the part does not hold
    {"always": true}               holds for every lead
    {"field": "service", "op": "is", "value": "imaging"}
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.policies.decisions.documents import as_items, as_number, as_text
from apps.policies.decisions.words import words_of
from apps.policies.terms import LIMITS, Operator, Problem

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class FieldTest:
    """One test of one field."""

    field: str
    op: Operator
    value: Value
    path: str


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold. Without parts: always."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: "Node"


Node = FieldTest | Every | Either | Negation
ALWAYS = Every(())


@dataclass(frozen=True, slots=True)
class Reading:
    """The tree of a condition; None when something in it cannot be read."""

    node: Node | None
    problems: tuple[Problem, ...]


def read_condition(condition: object, path: str = "") -> Reading:
    """Read a condition and collect what is wrong with its shape; fields and picklists are not looked at."""
    problems: list[Problem] = []
    node = _read(condition, path, 1, problems)
    if node is not None:
        problems.extend(_too_long(node, path))
    return Reading(None if problems else node, tuple(problems))


def tests_of(node: Node) -> tuple[FieldTest, ...]:
    """Return the tests of a condition, in reading order."""
    if isinstance(node, FieldTest):
        return (node,)
    parts = (node.part,) if isinstance(node, Negation) else node.parts
    return tuple(test for part in parts for test in tests_of(part))


def _too_long(node: Node, path: str) -> list[Problem]:
    if len(tests_of(node)) <= LIMITS.tests:
        return []
    return [Problem(path, "too_many_tests", f"A condition may hold at most {LIMITS.tests} tests.")]


def _read(condition: object, path: str, depth: int, problems: list[Problem]) -> Node | None:
    def refuse(code: str, sentence: str, where: str = path) -> Node | None:
        problems.append(Problem(where, code, sentence))
        return None

    if depth > LIMITS.depth:
        return refuse("too_deep", f"A condition may be nested at most {LIMITS.depth} levels deep.")
    if not isinstance(condition, Mapping):
        return refuse("not_a_condition", "A condition is a test of one field, or a group of tests.")
    kinds = [kind for kind in ("all", "any", "not", "always", "field") if kind in condition]
    if len(kinds) != 1:
        return refuse("not_a_condition", "A condition has exactly one of: all, any, not, always, field.")
    kind = kinds[0]
    allowed = {"field", "op", "value"} if kind == "field" else {kind}
    for key in condition:
        if key not in allowed:
            refuse("unknown_key", f"“{key}” is not understood in a condition.", f"{path}/{key}")
    if kind == "field":
        return _read_test(condition, path, problems)
    inner = condition[kind]
    if kind == "always":
        return ALWAYS if inner is True else refuse("bad_value", "“always” takes only true.", f"{path}/always")
    if kind == "not":
        part = _read(inner, f"{path}/not", depth + 1, problems)
        return Negation(part) if part is not None else None
    items = as_items(inner)
    if not items:
        return refuse("empty_group", f"A group “{kind}” needs at least one test.", f"{path}/{kind}")
    parts = [_read(item, f"{path}/{kind}/{place}", depth + 1, problems) for place, item in enumerate(items)]
    readable = tuple(part for part in parts if part is not None)
    return Every(readable) if kind == "all" else Either(readable)


def _read_test(condition: Mapping[object, object], path: str, problems: list[Problem]) -> FieldTest | None:
    name = as_text(condition["field"])
    if not name:
        problems.append(Problem(f"{path}/field", "unknown_field", "A test needs the key of a field."))
        return None
    try:
        op = Operator(as_text(condition.get("op")))
    except ValueError:
        problems.append(Problem(f"{path}/op", "unknown_operator", f"The test of {name} needs a known operator."))
        return None
    value, fault = _read_value(op, condition.get("value"))
    if fault:
        problems.append(Problem(f"{path}/value", "bad_value", fault))
        return None
    return FieldTest(name, op, value, path)


def _read_value(op: Operator, value: object) -> tuple[Value, str]:
    """Return the value in the form the operator wants, or a sentence that says what it wants."""
    if op in (Operator.IS_KNOWN, Operator.IS_UNKNOWN):
        return None, "" if value is None else f"“{op}” takes no value."
    if op in (Operator.AT_LEAST, Operator.AT_MOST):
        number = as_number(value)
        return (number, "") if number is not None else (None, f"“{op}” needs a number.")
    if op is Operator.BETWEEN:
        return _read_range(value)
    if op in (Operator.IN, Operator.NOT_IN):
        items = _scalars(value)
        return (items, "") if items else (None, f"“{op}” needs a list of 1 to {LIMITS.values} values.")
    if op is Operator.CONTAINS_WORD:
        phrases = _phrases(value)
        return (phrases, "") if phrases else (None, "“contains_word” needs a word, or a list of words.")
    single = _scalar(value)
    if op is Operator.STARTS_WITH and not isinstance(single, str):
        return None, "“starts_with” needs the first characters."
    return (single, "") if single is not None else (None, f"“{op}” needs one value.")


def _read_range(value: object) -> tuple[Value, str]:
    numbers = [as_number(item) for item in as_items(value)]
    known = tuple(number for number in numbers if number is not None)
    if len(numbers) == 2 and len(known) == 2 and known[0] <= known[1]:
        return known, ""
    return None, "“between” needs two numbers, the lower one first."


def _scalar(value: object) -> Scalar | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.strip() if value.strip() and len(value) <= LIMITS.text else None
    return as_number(value)


def _scalars(value: object) -> tuple[Scalar, ...]:
    items = [_scalar(item) for item in as_items(value)]
    known = tuple(item for item in items if item is not None)
    return known if 0 < len(known) == len(items) <= LIMITS.values else ()


def _phrases(value: object) -> tuple[str, ...]:
    items = (value,) if isinstance(value, str) else _scalars(value)
    phrases = tuple(item for item in items if isinstance(item, str) and words_of(item))
    return phrases if len(phrases) == len(items) else ()
