"""What would have changed a route: the smallest single changes of what was seen, each tried on the stored decision.

Only fields that the rules test are changed, one at a time, to what a rule asks for or to what takes a rule that held
away. Nothing is guessed: each change is walked through the same rules in the network of that day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.policies.decisions.compiled import CompiledRule
from apps.policies.decisions.conditions import CompiledTest, compile_node, is_known
from apps.policies.decisions.fields import FIELDS
from apps.policies.decisions.reading import Every, FieldTest, Node, tests_of
from apps.policies.decisions.sentences import listed, value_label
from apps.policies.terms import Labels, Operator
from apps.routing.decisions.choosing import choose
from apps.routing.decisions.compiled_layers import RoutingRules
from apps.routing.terms import Network, RoutingVerdict

MOST_TRIED, MOST_VALUES, LIMIT = 200, 10, 6
WORDS = "message_words"
#: What one answer of a person sets together.
_TOGETHER: Mapping[str, tuple[str, ...]] = {"requested_location": ("location",)}
#: Facts that follow from others, or from the walk itself: nobody can change them alone.
_DERIVED = frozenset({"location", "priority", "workflow", "fit_band", "intent_band", "validity", "stage", "is_test"})
_NUMBERS = (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN)
#: Of several changes these are told first: what a person says of what they want, where and when.
ASKED_FIRST = ("service", "requested_location", "postal_code", "timeframe", "patient_type", "fit", "intent", "age")
Try = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Change:
    """Values of one field, each of which alone leads to the same other queue or priority; told as a sentence."""

    field: str
    values: tuple[object, ...]
    queue_key: str
    priority: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Question:
    """A stored decision as it was: what was seen, the rules, the network and the words of that day, the answer.

    `matched` are the rules that held. The words of the message are not kept: phrases of these rules stand for them.
    """

    facts: Mapping[str, object]
    rules: RoutingRules
    network: Network
    labels: Labels
    queue_key: str
    priority: str
    matched: frozenset[str]
    exception: str = ""
    has_words: bool = True


def what_would_change(question: Question, *, hidden: frozenset[str] = frozenset()) -> tuple[Change, ...]:
    """Return the smallest single changes that lead elsewhere; fields that are hidden are neither tried nor told.

    None when the stored facts do not lead to the stored answer, as where words decided that nobody can stand in for.
    Of an exception, which no rule placed, it is what the rules say without it.
    """
    if question.exception:
        return _without_exception(question)
    facts = {**question.facts, WORDS: _stand_in(question)}
    perhaps = _phrases_perhaps_there(question, facts) if question.has_words else ""
    if _outcome(_walk(question, facts)) != (question.queue_key, question.priority):
        return ()
    found: dict[tuple[str, str, str], list[object]] = {}
    names: dict[str, str] = {queue.key: queue.name for queue in question.network.queues}
    for field, value in _tries(question, facts, hidden):
        changed = _changed(facts, field, value)
        verdict = _walk(question, changed)
        worded = {**changed, WORDS: f"{facts[WORDS]} . {perhaps}"}
        if perhaps and _outcome(_walk(question, worded)) != _outcome(verdict):
            continue
        if _outcome(verdict) != (question.queue_key, question.priority):
            values = found.setdefault((field, verdict.queue_key, verdict.priority), [])
            if not values or not _is_number(value):
                values.append(value)
    opened = _when_open(question, facts)
    changes = [_change(question, key, values, names) for key, values in _ranked(found)[: LIMIT - len(opened)]]
    return (*changes, *opened)


def _ranked(
    found: Mapping[tuple[str, str, str], list[object]],
) -> list[tuple[tuple[str, str, str], list[object]]]:
    """Return what was found by what people ask about first, one change of each field before a second of any."""
    turns: dict[str, int] = {}
    ranked = []
    for place, (key, values) in enumerate(found.items()):
        turn = turns[key[0]] = turns.get(key[0], 0) + 1
        rank = ASKED_FIRST.index(key[0]) if key[0] in ASKED_FIRST else len(ASKED_FIRST)
        ranked.append((turn, rank, place, key, values))
    return [(key, values) for _, _, _, key, values in sorted(ranked, key=lambda each: each[:3])]


def _without_exception(question: Question) -> tuple[Change, ...]:
    tests = (test for each in _rules_of(question) if each.node is not None for test in tests_of(each.node))
    phrases = " . ".join(phrase for test in tests for phrase in _phrases(test))
    verdict = _walk(question, question.facts)
    worded = {**question.facts, WORDS: phrases}
    if question.has_words and _outcome(verdict) != _outcome(_walk(question, worded)):
        return ()
    name = next((each.name for each in question.network.queues if each.key == verdict.queue_key), verdict.queue_key)
    sentence = f"Without the exception “{question.exception.replace('_', ' ')}” → {name}"
    return (Change("", (), verdict.queue_key, verdict.priority, sentence),)


def _stand_in(question: Question) -> str:
    """Return words that make the rules hold that held, from the phrases that they look for."""
    phrases: list[str] = []
    for each in _rules_of(question):
        if str(each.rule["id"]) in question.matched and each.node is not None:
            phrases += [phrase for test in tests_of(each.node) for phrase in _phrases(test)[:1]]
    return " . ".join(phrases)


def _phrases_perhaps_there(question: Question, facts: Mapping[str, object]) -> str:
    """Return phrases of which the decision does not tell whether the message holds them.

    A rule that would have held but for its words tells that they are not there; one that was not to hold anyway tells
    nothing. A change that such words could undo is not told.
    """
    absent, perhaps = set[str](), set[str]()
    for each in _rules_of(question):
        if each.node is None or str(each.rule["id"]) in question.matched:
            continue
        phrases = {phrase for test in tests_of(each.node) for phrase in _phrases(test)}
        others = [test for part, test in _parts(each.node) if not any(_phrases(one) for one in tests_of(part))]
        (absent if all(test(facts) is True for test in others) else perhaps).update(phrases)
    return " . ".join(sorted(perhaps - absent))


def _phrases(test: FieldTest) -> list[str]:
    if test.field != WORDS or test.op is not Operator.CONTAINS_WORD:
        return []
    return [str(each) for each in (test.value if isinstance(test.value, tuple) else (test.value,))]


def _rules_of(question: Question) -> Iterator[CompiledRule]:
    return (each for layer in question.rules.layers.values() for each in layer.rules)


def _walk(question: Question, facts: Mapping[str, object]) -> RoutingVerdict:
    return choose(facts, question.rules, question.network, labels=question.labels)


def _outcome(verdict: RoutingVerdict) -> tuple[str, str]:
    return verdict.queue_key, verdict.priority


def _changed(facts: Mapping[str, object], field: str, value: object) -> dict[str, object]:
    return {**facts, **dict.fromkeys((field, *_TOGETHER.get(field, ())), value)}


def _tries(question: Question, facts: Mapping[str, object], hidden: frozenset[str]) -> Iterator[Try]:
    """Yield single changes, nearest first: against rules that held, for rules that one test kept away, then offices."""
    seen: set[tuple[str, str]] = set()
    for field, value in _wanted(question, facts):
        key = (field, repr(value))
        if field in hidden or field in _DERIVED or field == WORDS or key in seen or facts.get(field) == value:
            continue
        seen.add(key)
        yield field, value
        if len(seen) >= MOST_TRIED:
            return


def _wanted(question: Question, facts: Mapping[str, object]) -> Iterator[Try]:
    near: list[Try] = []
    for each in _rules_of(question):
        if each.node is None:
            continue
        tests = _parts(each.node)
        failing = [part for part, test in tests if test(facts) is not True]
        if not failing:
            yield from (change for part, _ in tests for change in _against(part, facts))
        elif len(failing) == 1:
            near += _for(failing[0], facts)
    numbers = [each for each in near if _is_number(each[1])]
    yield from sorted(numbers, key=lambda each: _distance(facts.get(each[0]), each[1]))
    yield from (each for each in near if not _is_number(each[1]))
    services = sorted({service for office in question.network.offices for service in office.services})
    yield from (("service", each) for each in services)
    yield from (("requested_location", office.key) for office in question.network.offices if office.is_available)


def _parts(node: Node) -> list[tuple[Node, CompiledTest]]:
    nodes = node.parts if isinstance(node, Every) else (node,)
    return [(part, compile_node(part)) for part in nodes]


def _for(node: Node, facts: Mapping[str, object]) -> list[Try]:
    """Return the values that would make one part of a condition hold."""
    if not isinstance(node, FieldTest):
        return [each for test in tests_of(node) for each in _for(test, facts)]
    items = node.value if isinstance(node.value, tuple) else (node.value,)
    if node.op in _NUMBERS:
        ends = [each for each in items if isinstance(each, int | float)]
        return [(node.field, min(ends, key=lambda each: _distance(facts.get(node.field), each)))]
    if node.op in (Operator.IS, Operator.IN, Operator.STARTS_WITH):
        return [(node.field, each) for each in items[:MOST_VALUES]]
    if node.op is Operator.IS_UNKNOWN:
        return [(node.field, None)]
    return []


def _against(node: Node, facts: Mapping[str, object]) -> list[Try]:
    """Return the values that would make one part of a condition that held no longer hold."""
    if not isinstance(node, FieldTest):
        return [each for test in tests_of(node) for each in _against(test, facts)]
    current = facts.get(node.field)
    if not is_known(current):
        return []
    if isinstance(current, bool):
        return [(node.field, not current)]
    items = node.value if isinstance(node.value, tuple) else (node.value,)
    if node.op is Operator.AT_LEAST and isinstance(items[0], int):
        return [(node.field, items[0] - 1)]
    if node.op is Operator.AT_MOST and isinstance(items[0], int):
        return [(node.field, items[0] + 1)]
    if node.op in (Operator.IS_NOT, Operator.NOT_IN):
        return [(node.field, each) for each in items[:MOST_VALUES]]
    return [(node.field, None)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _distance(known: object, wanted: object) -> float:
    if isinstance(known, int | float) and isinstance(wanted, int | float):
        return abs(wanted - known)
    return float("inf")


def _change(
    question: Question, key: tuple[str, str, str], values: Sequence[object], names: Mapping[str, str]
) -> Change:
    field, queue_key, priority = key
    target = names.get(queue_key, queue_key) if queue_key != question.queue_key else ""
    if priority != question.priority:
        target = f"{target}, priority {priority}" if target else f"priority {priority}"
    sentence = f"{_aloud(question, field, values)} → {target}"
    return Change(field, tuple(values), queue_key, priority, sentence)


def _aloud(question: Question, field: str, values: Sequence[object]) -> str:
    label = FIELDS[field].label if field in FIELDS else field.replace("_", " ")
    known = [each for each in values if each is not None]
    gone = ["not known"] if None in values else []
    if not known:
        return f"{label} {gone[0]}"
    if field == "postal_code":
        return f"{label} {listed([*(f'{each}…' for each in known), *gone])}"
    if _is_number(known[0]):
        before = question.facts.get(field)
        return f"{label} {known[0]}" + (f" instead of {before}" if _is_number(before) else "")
    offices = {office.key: office.name for office in question.network.offices}
    labels = {**question.labels, "requested_location": {**offices, **question.labels.get("requested_location", {})}}
    return f"{label} {listed([*(value_label(field, each, labels) for each in known), *gone])}"


def _when_open(question: Question, facts: Mapping[str, object]) -> tuple[Change, ...]:
    """Return what the opening of the queues that were closed would change."""
    queues = tuple(replace(queue, is_open=True, opens_at=None) for queue in question.network.queues)
    verdict = choose(facts, question.rules, replace(question.network, queues=queues), labels=question.labels)
    if _outcome(verdict) == (question.queue_key, question.priority):
        return ()
    name = next((each.name for each in queues if each.key == verdict.queue_key), verdict.queue_key)
    return (Change("", (), verdict.queue_key, verdict.priority, f"While {name} is open → {name}"),)
