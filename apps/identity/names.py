"""Comparing names of people: folded keys, a phonetic key, nicknames and slips of the keyboard."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, groupby

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from apps.identity.terms import NameRelation
from apps.policies.decisions.words import words_of

_APOSTROPHES = re.compile("['’‘ʼ`´]")
_TYPO_LENGTH = 5
_KEY_LENGTH = 200
_SOUND_LENGTH = 20

_NICKNAMES = tuple(
    line.split()
    for line in (
        "alexander alex sandy",
        "alexandra alex sandra sandy",
        "andrew andy drew",
        "anthony tony",
        "barbara barb",
        "benjamin ben",
        "catherine katherine kathryn cathy kathy kate katie",
        "charles charlie chuck",
        "christopher chris",
        "christina christine chris tina",
        "daniel dan danny",
        "david dave",
        "deborah debra deb debbie",
        "edward ed eddie ted",
        "elizabeth liz beth betty eliza lisa",
        "francisco francis frank paco",
        "frederick fred",
        "gregory greg",
        "guadalupe lupe",
        "isabel isabella bella",
        "james jim jimmy jamie",
        "jennifer jen jenny",
        "jessica jess",
        "john johnny jack",
        "jonathan jon",
        "jose pepe",
        "joseph joe joey",
        "joshua josh",
        "kenneth ken kenny",
        "lawrence larry",
        "margaret maggie meg peggy",
        "matthew matt",
        "michael mike mick",
        "nicholas nick",
        "pamela pam",
        "patricia pat patty tricia trish",
        "patrick pat",
        "peter pete",
        "rebecca becky",
        "richard rick dick rich",
        "robert rob bob bobby",
        "ronald ron",
        "samuel sam",
        "samantha sam",
        "stephen steven steve",
        "susan sue susie",
        "theodore ted theo",
        "thomas tom tommy",
        "timothy tim",
        "victoria vicky tori",
        "william bill billy will liam",
    )
)
_NO_GROUP: frozenset[int] = frozenset()
#: The groups that a name belongs to: two names that share one are a name and its short form.
_GROUPS: Mapping[str, frozenset[int]] = {
    name: frozenset(number for number, group in enumerate(_NICKNAMES) if name in group)
    for name in chain.from_iterable(_NICKNAMES)
}


def name_key(first: str, last: str) -> str:
    """Return the folded full name: "María  LÓPEZ" gives "maria lopez"."""
    return " ".join(name_words(first) + name_words(last))[:_KEY_LENGTH]


def similarity(a: str, b: str) -> int:
    """Return how alike two names are, 0 to 100, whatever the order of their words."""
    left, right = " ".join(name_words(a)), " ".join(name_words(b))
    return round(fuzz.token_sort_ratio(left, right)) if left and right else 0


#: Each comparison reads the same few names some forty times.
_REMEMBERED = 10_000
_SOUNDS = (
    (re.compile("^(kn|gn|pn)"), "n"),
    (re.compile("^wr"), "r"),
    (re.compile("^ps"), "s"),
    (re.compile("^x"), "s"),
    (re.compile("ph"), "f"),
    (re.compile("sch|sh"), "x"),
    (re.compile("tch|ch"), "x"),
    (re.compile("th"), "t"),
    (re.compile("gh(?=[^aeiouy]|$)"), ""),
    (re.compile("mb$"), "m"),
    (re.compile("ck"), "k"),
    (re.compile("c(?=[eiy])"), "s"),
    (re.compile("[cq]"), "k"),
    (re.compile("z"), "s"),
    (re.compile("v"), "f"),
    (re.compile("d(?=t)"), ""),
    (re.compile("(?<=.)[aeiouyhw]"), ""),
)


@lru_cache(maxsize=_REMEMBERED)
def name_sound(last: str) -> str:
    """Return a key that names which sound alike tend to share: Schmidt and Shmit, Lopez and Lopes.

    A plain relative of Metaphone: digraphs to one letter, doubled letters to one, vowels only as the first.
    """
    text = "".join(name_words(last))
    if not text:
        return ""
    for pattern, sound in _SOUNDS:
        text = pattern.sub(sound, text)
    return "".join(letter for letter, _ in groupby(text))[:_SOUND_LENGTH]


_PARTICLES = frozenset(
    ["al", "da", "de", "del", "den", "der", "di", "dos", "el", "la", "las", "los", "van", "von", "y"]
)


@lru_cache(maxsize=_REMEMBERED)
def last_parts(last: str) -> tuple[str, ...]:
    """Return the names in a last name: "de la Cruz Ruiz" holds "cruz" and "ruiz"; alone, a particle is the name."""
    words = name_words(last)
    return tuple(word for word in words if word not in _PARTICLES) or words


@lru_cache(maxsize=_REMEMBERED)
def first_name_relation(a: str, b: str) -> NameRelation:
    """Say how two first names relate.

    A slip counts only between names that begin and end alike, or have two letters swapped: the one letter
    that tells Mario from Maria, or Daniel from Daniela, is no slip. A middle name on one side is no
    difference.
    """
    left, right = name_words(a), name_words(b)
    if not left or not right:
        return NameRelation.MISSING
    if left == right or "".join(left) == "".join(right):
        return NameRelation.SAME
    one, two = left[0], right[0]
    if one == two:
        return NameRelation.SAME if _second_names_agree(left[1:], right[1:]) else NameRelation.DIFFERENT
    if 1 in (len(one), len(two)):
        return NameRelation.INITIAL if one[0] == two[0] else NameRelation.DIFFERENT
    if _GROUPS.get(one, _NO_GROUP) & _GROUPS.get(two, _NO_GROUP):
        return NameRelation.NICKNAME
    ends_alike = one[-1] == two[-1] or sorted(one) == sorted(two)
    return NameRelation.TYPO if ends_alike and _is_slip(one, two) else NameRelation.DIFFERENT


@lru_cache(maxsize=_REMEMBERED)
def last_name_relation(a: str, b: str) -> NameRelation:
    """Say how two last names relate. "Lopez" and "Lopez Garcia" are the same; so are a slip and one sound."""
    left, right = name_words(a), name_words(b)
    if not left or not right:
        return NameRelation.MISSING
    if "".join(left) == "".join(right) or set(left) <= set(right) or set(right) <= set(left):
        return NameRelation.SAME
    one, two = "".join(left), "".join(right)
    if 1 in (len(one), len(two)):
        return NameRelation.INITIAL if one[0] == two[0] else NameRelation.DIFFERENT
    return NameRelation.TYPO if _is_slip(one, two) or _sounds_alike(one, two) else NameRelation.DIFFERENT


@lru_cache(maxsize=_REMEMBERED)
def name_words(text: str) -> tuple[str, ...]:
    """Return the folded words of a name; an apostrophe parts no word."""
    return words_of(_APOSTROPHES.sub("", text))


def _second_names_agree(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Ann and Ann Marie may be one; Maria Jose and Maria Elena are two; an initial stands for its name."""
    return all(x == y or (1 in (len(x), len(y)) and x[0] == y[0]) for x, y in zip(left, right, strict=False))


def _is_slip(one: str, two: str) -> bool:
    """One letter wrong, missing, added or swapped with the next; not the first, not in a short name."""
    if one[0] != two[0] or OSA.distance(one, two) != 1:
        return False
    return max(len(one), len(two)) >= _TYPO_LENGTH or sorted(one) == sorted(two)


def _sounds_alike(one: str, two: str) -> bool:
    return name_sound(one) == name_sound(two) and similarity(one, two) >= 70
