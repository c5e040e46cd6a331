"""What a condition asks of each field, so that two conditions can be compared without any lead.

A condition is spread into boxes: it holds when all demands of one box are met. A field that a box does not
name may hold anything or nothing. Judged is what the compiled condition does: text folded, yes/no apart from
numbers, and no test but `is_unknown` met by a missing fact. A fact is taken to be one value, not a list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import inf

from apps.policies.decisions.documents import as_number
from apps.policies.decisions.reading import Every, FieldTest, Negation, Node, Scalar
from apps.policies.decisions.words import has_phrase, plain_text, words_of
from apps.policies.terms import FieldKind, FieldSpec, Operator

MOST_BOXES = 64
#: A value with its type: yes is not 1, and neither is the text "1".
Item = tuple[str, str | bool | int | float]
_FLAGS: frozenset[Item] = frozenset({("flag", True), ("flag", False)})


@dataclass(frozen=True, slots=True)
class Said:
    """A test of text: begins with a prefix, or contains one of some phrases; or, negated, does not."""

    op: Operator
    texts: tuple[str, ...]
    holds: bool

    def fits(self, text: str) -> bool:
        """Whether a text passes."""
        if self.op is Operator.STARTS_WITH:
            found = plain_text(text).startswith(self.texts[0])
        else:
            words = words_of(text)
            found = any(has_phrase(words, words_of(phrase)) for phrase in self.texts)
        return found is self.holds


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of one field: unknown; or known and one of some values, none of others, within bounds."""

    is_unknown: bool = False
    only: frozenset[Item] | None = None
    never: frozenset[Item] = frozenset()
    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    said: frozenset[Said] = frozenset()

    def fits(self, item: Item) -> bool:
        """Whether a known value meets the demand."""
        if self.is_unknown or item in self.never or (self.only is not None and item not in self.only):
            return False
        kind, value = item
        if self._is_bounded and (kind != "number" or not isinstance(value, int | float) or not self._holds(value)):
            return False
        return not self.said or (isinstance(value, str) and all(each.fits(value) for each in self.said))

    @property
    def _is_bounded(self) -> bool:
        return (self.low, self.high) != (-inf, inf)

    def _holds(self, number: float) -> bool:
        above = number > self.low if self.low_open else number >= self.low
        return above and (number < self.high if self.high_open else number <= self.high)


KNOWN = Demand()
#: What all must be met at once, by field.
Box = Mapping[str, Demand]


def boxes(node: Node, fields: Mapping[str, FieldSpec]) -> tuple[Box, ...] | None:
    """Return the ways in which a condition can hold; none when it never can, None when there are too many to judge."""
    return _spread(node, True, fields)


def narrow(one: Demand, other: Demand) -> Demand | None:
    """Return what meets both demands, or None where nothing can."""
    if one.is_unknown or other.is_unknown:
        return one if one.is_unknown and other.is_unknown else None
    only = one.only if other.only is None else other.only if one.only is None else one.only & other.only
    low, low_open = max((one.low, one.low_open), (other.low, other.low_open))
    high, closed = min((one.high, not one.high_open), (other.high, not other.high_open))
    met = Demand(False, only, one.never | other.never, low, high, low_open, not closed, one.said | other.said)
    if only is not None:
        left = frozenset(item for item in only if met.fits(item))
        return Demand(only=left) if left else None
    if low > high or (low == high and (low_open or not closed)) or _gainsaid(met.said):
        return None
    if low < high:
        return met
    return None if ("number", low) in met.never else replace(met, only=frozenset({("number", low)}))


def meet(one: Box, other: Box) -> Box | None:
    """Return what meets both boxes, or None where nothing can."""
    found = dict(one)
    for field, demand in other.items():
        both = narrow(found[field], demand) if field in found else demand
        if both is None:
            return None
        found[field] = both
    return found


def within(one: Demand, other: Demand) -> bool:
    """Whether whatever meets the one demand meets the other too. A doubt counts as no."""
    if one.is_unknown or other.is_unknown:
        return one.is_unknown and other.is_unknown
    if one.only is not None:
        return all(other.fits(item) for item in one.only)
    if other.only is not None or any(one.fits(item) for item in other.never):
        return False
    low_fits = (one.low, one.low_open) >= (other.low, other.low_open)
    high_fits = (one.high, not one.high_open) <= (other.high, not other.high_open)
    return low_fits and high_fits and all(any(_implies(mine, said) for mine in one.said) for said in other.said)


def is_inside(one: Box, other: Box) -> bool:
    """Whether the other box holds whenever the one does."""
    return all(field in one and within(one[field], demand) for field, demand in other.items())


def _spread(node: Node, holds: bool, fields: Mapping[str, FieldSpec]) -> tuple[Box, ...] | None:
    if isinstance(node, FieldTest):
        return tuple({node.field: demand} for demand in _demands(node, holds, fields.get(node.field)))
    if isinstance(node, Negation):
        return _spread(node.part, not holds, fields)
    parts = [_spread(part, holds, fields) for part in node.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if isinstance(node, Every) is holds:
        return _all_of(known)
    found = tuple(box for part in known for box in part)
    return found if len(found) <= MOST_BOXES else None


def _all_of(parts: Iterable[tuple[Box, ...]]) -> tuple[Box, ...] | None:
    found: tuple[Box, ...] = ({},)
    for part in parts:
        if len(found) * len(part) > MOST_BOXES * MOST_BOXES:
            return None
        pairs = (meet(one, other) for one, other in product(found, part))
        found = tuple(box for box in pairs if box is not None)
        if len(found) > MOST_BOXES:
            return None
    return found


def _demands(test: FieldTest, holds: bool, spec: FieldSpec | None) -> tuple[Demand, ...]:
    """Return the ways in which one test is met; two where a number lies outside of two bounds."""
    op = test.op
    if op in (Operator.IS_KNOWN, Operator.IS_UNKNOWN):
        return (Demand(is_unknown=True) if (op is Operator.IS_UNKNOWN) is holds else _known(spec),)
    if op in (Operator.IS_NOT, Operator.NOT_IN):
        op, holds = Operator.IS, not holds
    raw = test.value if isinstance(test.value, tuple) else (test.value,)
    values: tuple[Scalar, ...] = tuple(value for value in raw if value is not None)
    if op in (Operator.IS, Operator.IN):
        named = frozenset(_item(value) for value in values)
        found = narrow(_known(spec), Demand(only=named) if holds else Demand(never=named))
        return (found,) if found is not None else ()
    if op in (Operator.STARTS_WITH, Operator.CONTAINS_WORD):
        return (Demand(said=frozenset({Said(op, tuple(plain_text(str(value)) for value in values), holds)})),)
    low = as_number(values[0]) if op is not Operator.AT_MOST else None
    high = as_number(values[-1]) if op is not Operator.AT_LEAST else None
    if holds:
        return (Demand(low=-inf if low is None else low, high=inf if high is None else high),)
    below = () if low is None else (Demand(high=low, high_open=True),)
    above = () if high is None else (Demand(low=high, low_open=True),)
    return below + above


def _known(spec: FieldSpec | None) -> Demand:
    return Demand(only=_FLAGS) if spec is not None and spec.kind is FieldKind.FLAG else KNOWN


def _item(value: Scalar) -> Item:
    if isinstance(value, bool):
        return "flag", value
    return ("text", plain_text(value)) if isinstance(value, str) else ("number", value)


def _gainsaid(said: frozenset[Said]) -> bool:
    """Whether two tests of one text cannot both be met."""
    starts = [each.texts[0] for each in said if each.op is Operator.STARTS_WITH and each.holds]
    if any(not one.startswith(other) and not other.startswith(one) for one in starts for other in starts):
        return True
    return any(_implies(one, replace(other, holds=True)) for one in said for other in said if not other.holds)


def _implies(one: Said, other: Said) -> bool:
    """Whether a text that passes the one test passes the other."""
    if one.op is not other.op or one.holds is not other.holds:
        return _excludes(one, other)
    if not one.holds:
        one, other = other, one
    if one.op is Operator.STARTS_WITH:
        return one.texts[0].startswith(other.texts[0])
    return all(any(has_phrase(words_of(mine), words_of(text)) for text in other.texts) for mine in one.texts)


def _excludes(one: Said, other: Said) -> bool:
    """Whether a text that begins in one way cannot begin in the other, which is not wanted."""
    if one.op is not other.op or one.op is not Operator.STARTS_WITH or not one.holds:
        return False
    mine, theirs = one.texts[0], other.texts[0]
    return not mine.startswith(theirs) and not theirs.startswith(mine)


def spoken(box: Box, fields: Mapping[str, FieldSpec]) -> str:
    """Return one lead that a box fits, in words: "service knee and hour of day 9"."""
    return " and ".join(filter(None, (_one_value(field, box[field], fields.get(field)) for field in box)))


def _one_value(field: str, demand: Demand, spec: FieldSpec | None) -> str:
    name = (spec.label if spec else field.replace("_", " ")).lower()
    if demand.is_unknown:
        return f"{name} unknown"
    if demand.only:
        first = min(demand.only, key=str)[1]
        return f"{name} {('yes' if first else 'no') if isinstance(first, bool) else first}"
    ends = [f"{end:g}" for end in (demand.low, demand.high) if end not in (-inf, inf)]
    return f"{name} {' to '.join(ends)}" if ends else name
