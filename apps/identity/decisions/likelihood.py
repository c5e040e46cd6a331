"""Weighing everything two records say, for and against: how much likelier they are one person than two.

The model is that of Fellegi and Sunter (A Theory for Record Linkage, 1969): for each part of a record the level at
which two values agree has a weight, the logarithm (base 2) of how much more often records of one person show it than
records of two. The sum is a number of bits; each line of it is said in words. The weights were fitted by
`python -m bench.fit` and are frozen in `fitted.json`, with where they come from. A missing value says nothing.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import OSA, JaroWinkler

from apps.identity.names import first_name_relation, name_words
from apps.identity.terms import CandidatePerson, DraftIdentity, Level, NameRelation, Part, Portrait

Weights = Mapping[Part, Mapping[Level, float]]

_FROZEN = json.loads((Path(__file__).with_name("fitted.json")).read_text(encoding="utf-8"))
FITTED: Weights = {
    Part(part): {Level(level): float(bits) for level, bits in levels.items()}
    for part, levels in _FROZEN["weights"].items()
}
#: From so many bits on people look at a pair, and from so many on no pair of two people was ever seen.
REVIEW_BITS, CERTAIN_BITS = float(_FROZEN["review_bits"]), float(_FROZEN["certain_bits"])
MODEL_VERSION = str(_FROZEN["version"])

CLOSE_PERCENT, ALIKE_PERCENT = 92, 80
_RANKS = {Level.SAME: 6, Level.CLOSE: 4, Level.ALIKE: 2, Level.MISSING: 1, Level.DIFFERENT: 0}
_FITS = (Level.SAME, Level.CLOSE)
#: What it costs to read a record the other way round: names or address lines that stand swapped.
TURNED_BITS = -2.0
_PART_WORDS = {
    Part.FIRST_NAME: "first name",
    Part.LAST_NAME: "last name",
    Part.STREET: "street",
    Part.SECOND_LINE: "second address line",
    Part.STREET_NUMBER: "house number",
    Part.CITY: "town",
    Part.POSTAL_CODE: "postal code",
    Part.BORN: "date of birth",
    Part.REGION: "state",
}
_LEVEL_WORDS = {
    Level.SAME: "Same {}.",
    Level.CLOSE: "A slip apart: {}.",
    Level.ALIKE: "Somewhat alike: {}.",
    Level.DIFFERENT: "Different {}.",
}


@dataclass(frozen=True, slots=True)
class BitLine:
    """One part compared: how it agrees and what that is worth; below 0 it speaks against."""

    part: Part
    level: Level
    bits: float

    @property
    def sentence(self) -> str:
        """The line in words."""
        return _LEVEL_WORDS[self.level].format(_PART_WORDS[self.part])


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The sum of all lines, in bits: 10 is a thousand times likelier one person than two."""

    bits: float
    lines: tuple[BitLine, ...]
    is_turned: bool


def likelihood(one: Portrait, other: Portrait, weights: Weights = FITTED) -> Likelihood:
    """Return how likely two records are of one person, whichever of them came first."""
    levels, turns = levels_of(one, other)
    lines = tuple(
        BitLine(part, level, weights[part][level]) for part, level in levels.items() if level is not Level.MISSING
    )
    return Likelihood(sum(line.bits for line in lines) + turns * TURNED_BITS, lines, turns > 0)


def levels_of(one: Portrait, other: Portrait) -> tuple[dict[Part, Level], int]:
    """Return how each part agrees, and how many of name and address fit only when they are read swapped."""
    first, last, is_turned = _either_way(
        (one.first_name, one.last_name), (other.first_name, other.last_name), _first_level, _text_level
    )
    street, second, is_crossed = _either_way(
        (one.street, one.second_line), (other.street, other.second_line), _text_level, _text_level
    )
    return {
        Part.FIRST_NAME: first,
        Part.LAST_NAME: last,
        Part.STREET: street,
        Part.SECOND_LINE: second,
        Part.STREET_NUMBER: _digit_level(one.street_number, other.street_number),
        Part.CITY: _text_level(one.city, other.city),
        Part.POSTAL_CODE: _digit_level(one.postal_code, other.postal_code),
        Part.BORN: _digit_level(one.born, other.born),
        Part.REGION: _text_level(one.region, other.region),
    }, is_turned + is_crossed


def portrait_of(identity: DraftIdentity | CandidatePerson) -> Portrait:
    """Return a record folded for comparison."""
    born = identity.date_of_birth
    return Portrait(
        first_name=_folded(identity.first_name),
        last_name=_folded(identity.last_name),
        born=f"{born:%Y%m%d}" if born else "",
        postal_code=identity.postal_code.strip().lower(),
        city=_folded(identity.city),
        region=_folded(identity.region),
    )


def may_be_worth_a_look(one: Portrait, other: Portrait) -> bool:
    """Say cheaply whether a pair can be worth a look at all: most that share a name and a town cannot."""
    return bool(one.street and other.street) or _digit_level(one.born, other.born) in _FITS


def is_worth_a_look(found: Likelihood) -> bool:
    """Say whether people should look at a pair of which no number, address or exact rule says anything.

    Name and town alone are never enough: cities are full of namesakes. The birthday or the street has to agree,
    but for a slip, and somebody of the same house with another first name is family.
    """
    levels = {line.part: line.level for line in found.lines}
    anchored = levels.get(Part.BORN) in _FITS or levels.get(Part.STREET) in _FITS
    named = all(levels.get(part, Level.DIFFERENT) is not Level.DIFFERENT for part in (Part.FIRST_NAME, Part.LAST_NAME))
    return anchored and named and found.bits >= REVIEW_BITS


_Levels = Callable[[str, str], Level]


def _either_way(
    one: tuple[str, str], other: tuple[str, str], first: _Levels, second: _Levels
) -> tuple[Level, Level, bool]:
    """Compare two pairs of values as they stand, or crossed where that fits clearly better."""
    straight = first(one[0], other[0]), second(one[1], other[1])
    if straight == (Level.SAME, Level.SAME):
        return *straight, False
    crossed = _text_level(one[0], other[1]), _text_level(one[1], other[0])
    is_better = sum(_RANKS[each] for each in crossed) > sum(_RANKS[each] for each in straight) + 2
    return (*crossed, True) if is_better else (*straight, False)


def _first_level(one: str, other: str) -> Level:
    """A nickname or an initial is a slip, not another name."""
    level = _text_level(one, other)
    if level in (Level.ALIKE, Level.DIFFERENT):
        relation = first_name_relation(one, other)
        if relation in (NameRelation.SAME, NameRelation.NICKNAME, NameRelation.TYPO):
            return Level.CLOSE
        if relation is NameRelation.INITIAL:
            return Level.ALIKE
    return level


def _text_level(one: str, other: str) -> Level:
    if not one or not other:
        return Level.MISSING
    if one == other:
        return Level.SAME
    alike = JaroWinkler.normalized_similarity(one, other) * 100
    if alike >= CLOSE_PERCENT or OSA.distance(one, other) <= 1:
        return Level.CLOSE
    return Level.ALIKE if alike >= ALIKE_PERCENT else Level.DIFFERENT


def _folded(text: str) -> str:
    return " ".join(name_words(text))


def _digit_level(one: str, other: str) -> Level:
    """Digits are typed wrong, left out or turned one at a time."""
    if not one or not other:
        return Level.MISSING
    slips = OSA.distance(one, other)
    return {0: Level.SAME, 1: Level.CLOSE, 2: Level.ALIKE}.get(slips, Level.DIFFERENT)
