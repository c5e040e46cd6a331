"""Checking and compiling conditions.

A compiled condition is total: whatever the facts hold, it answers and never raises. A test of a fact that is
missing, or of the wrong type, is neither true nor false but unknown, and unknown stays unknown under "not"
(Kleene's strong three-valued logic); a condition holds only when it is true. So on a missing fact nothing but
`is_unknown` holds, and "not (service is Imaging)" means the same as "service is not Imaging".
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from math import isnan

from apps.policies.decisions.documents import as_number
from apps.policies.decisions.reading import (
    Every,
    FieldTest,
    Negation,
    Node,
    Scalar,
    Value,
    read_condition,
    tests_of,
)
from apps.policies.decisions.words import has_phrase, plain_text, words_of
from apps.policies.terms import OPERATORS_BY_KIND, ConditionBroken, FieldKind, FieldSpec, Operator, Problem, Severity

Facts = Mapping[str, object]
Truth = bool | None
Compiled = Callable[[Facts], bool]
CompiledTest = Callable[[Facts], Truth]
CompiledSingle = Callable[[object], Truth]


def check_condition(condition: object, fields: Mapping[str, FieldSpec], path: str = "") -> list[Problem]:
    """Name all that is wrong: shape, unknown fields, misfit operators, values off the picklist."""
    reading = read_condition(condition, path)
    if reading.node is None:
        return list(reading.problems)
    return [problem for test in tests_of(reading.node) for problem in _check_test(test, fields)]


def compile_condition(condition: object) -> Compiled:
    """Return the condition as a function of facts. Raises ConditionBroken when its shape cannot be read."""
    test = compile_test(condition)

    def holds(facts: Facts) -> bool:
        return test(facts) is True

    return holds


def compile_test(condition: object) -> CompiledTest:
    """Like `compile_condition`, but tells unknown (None: a fact is missing) from false."""
    reading = read_condition(condition)
    if reading.node is None:
        first = reading.problems[0]
        raise ConditionBroken(f"{first.path or '/'}: {first.sentence}")
    return compile_node(reading.node)


def compile_node(node: Node) -> CompiledTest:
    """Return a condition that was read as a function of facts that answers true, false or unknown (None)."""
    if isinstance(node, FieldTest):
        return _compile_field(node)
    if isinstance(node, Negation):
        return _negate(compile_node(node.part))
    parts = tuple(compile_node(part) for part in node.parts)
    return _every(parts) if isinstance(node, Every) else _either(parts)


def fields_used(condition: object) -> frozenset[str]:
    """Return the keys of the fields that a condition looks at; none when it cannot be read."""
    node = read_condition(condition).node
    return frozenset(test.field for test in tests_of(node)) if node is not None else frozenset()


def specificity(condition: object) -> int:
    """Return the number of tests in a condition: of two rules the one with more tests is the narrower."""
    node = read_condition(condition).node
    return len(tests_of(node)) if node is not None else 0


def is_known(fact: object) -> bool:
    """Whether a fact says anything. Blank text, an empty list and not-a-number do not; False and 0 do."""
    if fact is None:
        return False
    if isinstance(fact, str):
        return bool(fact.strip())
    if isinstance(fact, list | tuple | set | frozenset):
        return any(is_known(item) for item in fact)
    if isinstance(fact, float):
        return not isnan(fact)
    return not (isinstance(fact, Decimal) and fact.is_nan())


def _check_test(test: FieldTest, fields: Mapping[str, FieldSpec]) -> list[Problem]:
    spec = fields.get(test.field)
    if spec is None:
        sentence = f"There is no field “{test.field}”."
        return [Problem(f"{test.path}/field", "unknown_field", sentence, Severity.BLOCKS)]
    if test.op not in OPERATORS_BY_KIND[spec.kind]:
        sentence = f"“{test.op}” does not fit {spec.label}, which is a {spec.kind} field."
        return [Problem(f"{test.path}/op", "operator_misfit", sentence)]
    items = test.value if isinstance(test.value, tuple) else (test.value,)
    path = f"{test.path}/value"
    problems = []
    for item in items:
        if item is None:
            continue
        fault = _value_fault(item, spec, test.op)
        if fault:
            problems.append(Problem(path, *fault))
    return problems


def _value_fault(item: Scalar, spec: FieldSpec, op: Operator) -> tuple[str, str] | None:
    if spec.kind is FieldKind.FLAG and not isinstance(item, bool):
        return "bad_value", f"{spec.label} is yes or no: the value must be true or false."
    if spec.kind is FieldKind.NUMBER and (isinstance(item, bool) or not isinstance(item, int | float)):
        return "bad_value", f"{spec.label} is a number: “{item}” is not."
    if spec.kind in (FieldKind.TEXT, FieldKind.POSTAL, FieldKind.CHOICE) and not isinstance(item, str):
        return "bad_value", f"{spec.label} is text: the value must be text."
    if spec.kind is FieldKind.CHOICE and spec.choices and item not in spec.choices:
        return "not_in_picklist", f"“{item}” is not in the picklist of {spec.label}."
    return None


def _negate(part: CompiledTest) -> CompiledTest:
    def test(facts: Facts) -> Truth:
        truth = part(facts)
        return None if truth is None else not truth

    return test


def _every(parts: tuple[CompiledTest, ...]) -> CompiledTest:
    def test(facts: Facts) -> Truth:
        unknown = False
        for part in parts:
            truth = part(facts)
            if truth is False:
                return False
            unknown = unknown or truth is None
        return None if unknown else True

    return test


def _either(parts: tuple[CompiledTest, ...]) -> CompiledTest:
    def test(facts: Facts) -> Truth:
        unknown = False
        for part in parts:
            truth = part(facts)
            if truth is True:
                return True
            unknown = unknown or truth is None
        return None if unknown else False

    return test


_OPPOSITES = {Operator.IS_NOT: Operator.IS, Operator.NOT_IN: Operator.IN}


def _compile_field(node: FieldTest) -> CompiledTest:
    name, op = node.field, node.op
    if op is Operator.IS_KNOWN:
        return lambda facts: is_known(facts.get(name))
    if op is Operator.IS_UNKNOWN:
        return lambda facts: not is_known(facts.get(name))
    if op in _OPPOSITES:
        return _negate(_compile_field(FieldTest(name, _OPPOSITES[op], node.value, node.path)))
    single = _single(op, node.value)

    def test(facts: Facts) -> Truth:
        fact = facts.get(name)
        if isinstance(fact, list | tuple | set | frozenset):
            truths = {single(item) for item in fact if is_known(item)}
            return True if True in truths else False if False in truths else None
        return single(fact) if is_known(fact) else None

    return test


def _single(op: Operator, value: Value) -> CompiledSingle:
    """Return the test of one known value. A value of another type than the rule expects is unknown."""
    items = value if isinstance(value, tuple) else (value,)
    if op is Operator.CONTAINS_WORD:
        phrases = tuple(words_of(str(item)) for item in items)
        return lambda fact: any(has_phrase(words_of(fact), p) for p in phrases) if isinstance(fact, str) else None
    if op is Operator.STARTS_WITH:
        start = plain_text(str(value))
        return lambda fact: plain_text(fact).startswith(start) if isinstance(fact, str) else None
    if op in (Operator.IS, Operator.IN):
        return _equal_to_one_of(items)
    low = as_number(items[0]) if op is not Operator.AT_MOST else None
    high = as_number(items[-1]) if op is not Operator.AT_LEAST else None
    return _within(low, high)


def _equal_to_one_of(items: tuple[Scalar | None, ...]) -> CompiledSingle:
    """Text is compared folded; yes/no and numbers never equal each other or text."""
    texts = frozenset(plain_text(item) for item in items if isinstance(item, str))
    flags = frozenset(item for item in items if isinstance(item, bool))
    numbers = frozenset(number for number in map(as_number, items) if number is not None)

    def test(fact: object) -> Truth:
        if isinstance(fact, str):
            return plain_text(fact) in texts if texts else None
        if isinstance(fact, bool):
            return fact in flags if flags else None
        if isinstance(fact, int | float | Decimal):
            return fact in numbers if numbers else None
        return None

    return test


def _within(low: int | float | None, high: int | float | None) -> CompiledSingle:
    def test(fact: object) -> Truth:
        if isinstance(fact, bool) or not isinstance(fact, int | float | Decimal):
            return None
        return (low is None or fact >= low) and (high is None or fact <= high)

    return test
