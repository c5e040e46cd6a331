"""Rules that get in each other's way: never reached, contradictory, overlapping, never holding, on free text.

Every finding is a warning that names the rules in a sentence; what a warning is about may be meant. Two rules
are compared by what they ask of each field (`demands`), whatever their conditions are built of. So that
thousands of rules are compared in seconds, a rule meets only those that ask for a value it asks for too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from apps.policies.decisions.demands import Box, Demand, Item, boxes, is_inside, meet, spoken
from apps.policies.decisions.documents import Document, as_text
from apps.policies.decisions.fields import FREE_TEXT
from apps.policies.decisions.reading import read_condition, tests_of
from apps.policies.decisions.sentences import listed
from apps.policies.decisions.shelves import Earlier, Ruled
from apps.policies.terms import FieldSpec, Problem, Severity

MOST_SPLIT = 64
MOST_NAMED = 3


class Wins(StrEnum):
    """Which of several rules that hold takes effect."""

    FIRST = "first"
    NARROWEST = "narrowest"
    ALL = "all"


def read_rules(rules: Sequence[Document], path: str, fields: Mapping[str, FieldSpec], *, does: str) -> list[Ruled]:
    """Return the rules of a list to compare, `does` names the key of what they do.

    Those that are off are left out, and those whose condition cannot be read, which their check says.
    """
    found = []
    for number, rule in enumerate(rules):
        node = read_condition(rule.get("when")).node if rule.get("is_active") is not False else None
        if node is not None:
            name = as_text(rule.get("id"), f"rule {number + 1}")
            effect = json.dumps([rule.get(does), rule.get("stop")], sort_keys=True, default=str)
            ways = boxes(node, fields)
            found.append(Ruled(f"{path}/{number}", name, node, ways, effect, rule.get("stop") is True))
    return found


def lint(rules: Sequence[Ruled], fields: Mapping[str, FieldSpec], wins: Wins, where: str) -> list[Problem]:
    """Return what is odd about rules that are asked together; `where` is the pointer of the whole list.

    The rules stand in the order in which they are asked. Where the narrowest wins, that is by number of tests.
    """
    order = sorted(rules, key=lambda rule: -len(tests_of(rule.node))) if wins is Wins.NARROWEST else list(rules)
    problems = [found for rule in rules for found in _alone(rule, fields)]
    earlier, same = Earlier(), dict[frozenset[frozenset[tuple[str, object]]], Ruled]()
    for rule in order:
        if not rule.boxes:
            continue
        twin = same.setdefault(rule.key, rule)
        if twin is not rule:
            problems.append(_twins(rule, twin, wins))
        elif wins is not Wins.ALL:
            problems += _in_the_way(rule, earlier, fields, wins)
        if wins is not Wins.ALL:
            earlier.add(rule)
    if earlier.budget <= 0:
        sentence = f"{len(rules)} rules are too many that are alike: not every pair of them was compared."
        problems.append(_warning(where, "not_all_compared", sentence))
    return problems


def lint_stops(layers: Sequence[Sequence[Ruled]], changed: frozenset[str]) -> list[Problem]:
    """Warn of rules that a rule of an earlier layer keeps from being asked, because it stops the walk.

    `changed` are the fields that rules change on the way: a later layer sees other values in them. A stop counts
    only where no earlier rule of its own layer, which would win instead, can hold for the same leads.
    """
    problems = []
    stopping, before = Earlier(), dict[str, list[Box]]()
    for layer in layers:
        free: list[Box] = []
        held: list[Ruled] = []
        for rule in layer:
            over = [next(_stopping(box, stopping, before, changed), None) for box in rule.boxes or ()]
            if over and all(over):
                names = _named(each.name for each in over if each is not None)
                sentence = f"{rule.name} is never reached: {names} stops in an earlier layer whenever it holds."
                problems.append(_warning(rule.path, "unreachable", sentence))
            if rule.stops and not {test.field for test in tests_of(rule.node)} & changed:
                before[rule.path] = list(free)
                held.append(rule)
            elif not rule.stops:
                free += rule.boxes if rule.boxes is not None else ({},)
        for rule in held:
            stopping.add(rule)
    return problems


def _stopping(box: Box, stopping: Earlier, before: Mapping[str, list[Box]], changed: frozenset[str]) -> Iterator[Ruled]:
    lasting = {name: demand for name, demand in box.items() if name not in changed}
    for rule, other in stopping.around(lasting):
        if is_inside(lasting, other) and all(meet(lasting, first) is None for first in before[rule.path]):
            yield rule


def _alone(rule: Ruled, fields: Mapping[str, FieldSpec]) -> list[Problem]:
    found = []
    if rule.boxes == ():
        sentence = f"{rule.name} can never hold: its tests contradict each other."
        found.append(_warning(f"{rule.path}/when", "contradictory", sentence))
    typed = sorted({test.field for test in tests_of(rule.node)} & FREE_TEXT)
    if typed:
        names = ", ".join(fields[key].label if key in fields else key for key in typed)
        sentence = f"{rule.name} reads what people typed ({names}): words can be misspelt. Put fixed choices first."
        found.append(_warning(f"{rule.path}/when", "free_text", sentence))
    return found


def _twins(rule: Ruled, twin: Ruled, wins: Wins) -> Problem:
    if wins is Wins.ALL:
        sentence = f"{rule.name} asks for the same as {twin.name}: both count wherever one does."
        return _warning(rule.path, "contradictory" if rule.effect != twin.effect else "overlapping", sentence)
    if rule.effect == twin.effect:
        sentence = f"{rule.name} is never reached: {twin.name} comes first, asks for the same and does the same."
        return _warning(rule.path, "unreachable", sentence)
    sentence = (
        f"{rule.name} contradicts {twin.name}: both ask for the same and do different things. "
        f"{twin.name} comes first, so {rule.name} is never reached."
    )
    return _warning(rule.path, "contradictory", sentence)


def _in_the_way(rule: Ruled, earlier: Earlier, fields: Mapping[str, FieldSpec], wins: Wins) -> list[Problem]:
    over = [_covering(box, earlier) for box in rule.boxes or ()]
    if all(over):
        before = sorted((each for found in over for each in found), key=lambda each: int(each.path.rpartition("/")[2]))
        names = list(dict.fromkeys(each.name for each in before))
        first = "comes first and holds" if len(names) == 1 else "come first, and one of them holds"
        sentence = f"{rule.name} is never reached: {_named(names)} {first} whenever {rule.name} does."
        return [_warning(rule.path, "unreachable", sentence)]
    if wins is not Wins.FIRST:
        return []
    for box in rule.boxes or ():
        for other, theirs in earlier.beside(box):
            shared = meet(box, theirs)
            if shared and (_is_listed(box, theirs) or not is_inside(theirs, box)):
                sentence = f"{rule.name} and {other.name} both fit {spoken(shared, fields)}; {other.name} comes first."
                return [_warning(rule.path, "overlapping", sentence)]
    return []


def _covering(box: Box, earlier: Earlier) -> list[Ruled]:
    """Return the rule that holds whenever a box does, or those that do together, one value of a field each."""
    for rule, other in earlier.around(box):
        if is_inside(box, other):
            return [rule]
    for name, demand in box.items():
        values = sorted(demand.only or (), key=str)
        if 1 < len(values) <= MOST_SPLIT:
            each = [_first_around({**box, name: _only(value)}, earlier) for value in values]
            if None not in each:
                return [rule for rule in each if rule is not None]
    return []


def _first_around(box: Box, earlier: Earlier) -> Ruled | None:
    return next((rule for rule, other in earlier.around(box) if is_inside(box, other)), None)


def _only(item: Item) -> Demand:
    return Demand(only=frozenset({item}))


def _is_listed(*found: Box) -> bool:
    return all(demand.only for box in found for demand in box.values())


def _named(names: Iterable[str]) -> str:
    each = list(dict.fromkeys(names))
    shown = each if len(each) <= MOST_NAMED else [*each[:MOST_NAMED], f"{len(each) - MOST_NAMED} more"]
    return listed(shown, "and")


def _warning(path: str, code: str, sentence: str) -> Problem:
    return Problem(path, code, sentence, Severity.WARNING)
