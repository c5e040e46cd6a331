"""Rules compiled once: conditions as functions, and a tree of what they demand, so that few are tried per lead.

A rule that demands "service is Imaging", whatever else it demands, can hold for no lead with another service. The tree
parts the rules by such demands, the most dividing field first; a lead walks it by what it brings and meets the rules
that may hold for it, in their order. Which of them do is still the condition's own word: the tree leaves out, it
never decides.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from apps.policies.decisions.conditions import CompiledTest, Facts, compile_node, is_known
from apps.policies.decisions.documents import Document
from apps.policies.decisions.reading import Either, Every, FieldTest, Node, Scalar, read_condition, tests_of
from apps.policies.decisions.words import plain_text, words_of
from apps.policies.terms import Operator

#: A leaf is tried rule by rule; a rule stands in no more places than these; the tree is no deeper.
LEAF, MOST_PLACES, DEEPEST = 6, 32, 12
Key = tuple[str, object]


class Sort(StrEnum):
    """How a demand compares: the whole value, one of its words, or its beginning."""

    VALUE = "value"
    WORD = "word"
    BEGINNING = "beginning"


Dimension = tuple[str, Sort]
Demands = Mapping[Dimension, frozenset[Key]]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule with its condition as a tree and as a function; both are None where it cannot be read."""

    place: int
    rule: Document
    node: Node | None
    test: CompiledTest | None
    tests: int

    def holds(self, facts: Facts) -> bool:
        """Whether the rule holds; one that cannot be read never does."""
        return self.test is not None and self.test(facts) is True


@dataclass(frozen=True, slots=True)
class Branch:
    """Rules to try here, and those parted by one more demand; `rest` are the rules without such a demand."""

    places: tuple[int, ...] = ()
    dimension: Dimension | None = None
    children: Mapping[Key, "Branch"] | None = None
    rest: "Branch | None" = None
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """Rules in their order, and the tree over them."""

    rules: tuple[CompiledRule, ...]
    root: Branch

    def candidates(self, facts: Facts) -> Sequence[CompiledRule]:
        """Return in order every rule that may hold for these facts, and every rule that cannot be read."""
        found: set[int] = set()
        _walk(self.root, facts, {}, found)
        return [self.rules[place] for place in sorted(found)]

    def holding(self, facts: Facts) -> Iterator[CompiledRule]:
        """Yield in order the rules that hold for these facts."""
        return (each for each in self.candidates(facts) if each.holds(facts))


def compile_rules(rules: Sequence[Document]) -> CompiledRules:
    """Compile rules by their `when`. Never raises: a rule that cannot be read is kept as unreadable."""
    compiled = tuple(_compiled(place, rule) for place, rule in enumerate(rules))
    wanted = {each.place: demands(each.node) if each.node is not None else {} for each in compiled}
    return CompiledRules(compiled, _grow(list(wanted), wanted, Counter(dict.fromkeys(wanted, 1)), frozenset()))


def demands(node: Node) -> Demands:
    """Return what facts must bring for a condition to hold: for a field the values of which one has to be there."""
    if isinstance(node, FieldTest):
        return _demand_of(node)
    found: dict[Dimension, frozenset[Key]] = {}
    if isinstance(node, Every):
        for part in node.parts:
            for dimension, keys in demands(part).items():
                if dimension not in found or len(keys) < len(found[dimension]):
                    found[dimension] = keys
    if isinstance(node, Either):
        parts = [demands(part) for part in node.parts]
        for dimension in parts[0] if parts else ():
            if all(dimension in part for part in parts):
                found[dimension] = frozenset().union(*(part[dimension] for part in parts))
    return found


def texts_in(document: object) -> frozenset[str]:
    """Return every text that stands anywhere in a document, keys among them."""
    found: set[str] = set()
    waiting = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found.add(item)
        elif isinstance(item, Mapping):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            waiting += item
    return frozenset(found)


def _compiled(place: int, rule: Document) -> CompiledRule:
    node = read_condition(rule.get("when")).node
    if node is None:
        return CompiledRule(place, rule, None, None, 0)
    return CompiledRule(place, rule, node, compile_node(node), len(tests_of(node)))


def _demand_of(test: FieldTest) -> Demands:
    items = test.value if isinstance(test.value, tuple) else (test.value,)
    if test.op in (Operator.IS, Operator.IN):
        return {(test.field, Sort.VALUE): frozenset(_key(item) for item in items if item is not None)}
    if test.op is Operator.CONTAINS_WORD:
        return {(test.field, Sort.WORD): frozenset((Sort.WORD, words_of(str(item))[0]) for item in items)}
    if test.op is Operator.STARTS_WITH:
        return {(test.field, Sort.BEGINNING): frozenset({(Sort.BEGINNING, plain_text(str(test.value)))})}
    return {}


def _key(value: Scalar | Decimal) -> Key:
    if isinstance(value, str):
        return "text", plain_text(value)
    return ("flag" if isinstance(value, bool) else "number"), value


def _grow(places: list[int], wanted: Mapping[int, Demands], copies: Counter[int], used: frozenset[Dimension]) -> Branch:
    """Part the rules by the demand that divides them best, until few are left or nothing divides them."""
    if len(places) <= LEAF or len(used) >= DEEPEST:
        return Branch(tuple(places))
    dimension = _dividing(places, wanted, copies, used)
    if dimension is None:
        return Branch(tuple(places))
    rest, parted, used = [], dict[Key, list[int]](), used | {dimension}
    for place in places:
        keys = wanted[place].get(dimension)
        if keys is None or copies[place] * len(keys) > MOST_PLACES:
            rest.append(place)
            continue
        copies[place] *= len(keys)
        for key in keys:
            parted.setdefault(key, []).append(place)
    lengths = {len(str(text)) for _, text in parted} if dimension[1] is Sort.BEGINNING else set()
    return Branch(
        dimension=dimension,
        children={key: _grow(those, wanted, copies, used) for key, those in parted.items()},
        rest=_grow(rest, wanted, copies, used) if rest else None,
        lengths=tuple(sorted(lengths)),
    )


def _dividing(
    places: Collection[int], wanted: Mapping[int, Demands], copies: Counter[int], used: frozenset[Dimension]
) -> Dimension | None:
    """Return the demand under which the most rules lie apart from its largest group; None when none does."""
    groups: dict[Dimension, Counter[Key]] = {}
    for place in places:
        for dimension, keys in wanted[place].items():
            if dimension not in used and copies[place] * len(keys) <= MOST_PLACES:
                groups.setdefault(dimension, Counter()).update(keys)
    best, most = None, 0
    for dimension in sorted(groups):
        counted = groups[dimension]
        apart = sum(counted.values()) - max(counted.values())
        if apart > most:
            best, most = dimension, apart
    return best


def _walk(branch: Branch, facts: Facts, read: dict[Dimension, Collection[Key]], found: set[int]) -> None:
    while True:
        found.update(branch.places)
        if branch.dimension is None or branch.children is None:
            return
        for key in _keys_of(branch, facts, read):
            child = branch.children.get(key)
            if child is not None:
                _walk(child, facts, read, found)
        if branch.rest is None:
            return
        branch = branch.rest


def _keys_of(branch: Branch, facts: Facts, read: dict[Dimension, Collection[Key]]) -> Collection[Key]:
    """Return what the facts bring to a branch; a text is split into words once per walk."""
    dimension = branch.dimension
    if dimension is None:
        return ()
    field, sort = dimension
    if sort is Sort.BEGINNING:
        return {key for item in _items(facts.get(field)) for key in _beginnings(item, branch.lengths)}
    if dimension not in read:
        reading: Callable[[object], Collection[Key]] = _words if sort is Sort.WORD else _values
        read[dimension] = {key for item in _items(facts.get(field)) for key in reading(item)}
    return read[dimension]


def _items(fact: object) -> Iterator[object]:
    items = fact if isinstance(fact, list | tuple | set | frozenset) else (fact,)
    return filter(is_known, items)


def _values(item: object) -> Collection[Key]:
    return (_key(item),) if isinstance(item, str | bool | int | float | Decimal) else ()


def _words(item: object) -> Collection[Key]:
    return {(Sort.WORD, word) for word in words_of(item)} if isinstance(item, str) else ()


def _beginnings(item: object, lengths: tuple[int, ...]) -> Collection[Key]:
    if not isinstance(item, str):
        return ()
    text = plain_text(item)
    return [(Sort.BEGINNING, text[:length]) for length in lengths if length <= len(text)]
