"""Judging whether a form was sent by a person or by a machine: signs in, a score with its reasons out. Pure.

A sign alone proves little, so each has a weight and the sum decides. Nothing is thrown away: what looks like a
machine's waits in quarantine until a person has looked (row VQ-08). The weights:

| sign | weight | because |
|---|---|---|
| more than 5 a minute from one address | 100 | no household does |
| more than 60 a minute on one form | 100 | a wave; what it hides can be restored |
| the hidden field is filled | 100 | people do not see it, some password managers do |
| a proof of work that is forged or was used before | 100 | only a program makes one |
| no proof of work | 20 | browsers without JavaScript bring none |
| sent within 5 seconds | 20 | fast for a person who reads |
| a link in the text | 30, two or more 60 | advertisers leave links, people rarely |
| a link in the name | 60 | no name holds one |
| one word makes up most of the text | 30 | filler |
| text that no language has | 40 | keys hit at random |

60 and more is quarantined.
"""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

LIMIT = 60
WINDOW_SECONDS = 60
FROM_ONE_ADDRESS, ON_ONE_FORM = 5, 60
#: Beyond this many a minute from one address, quarantined ones included, nothing more is stored.
STORED_FROM_ONE_ADDRESS = 60
FAST_SECONDS = 5.0
_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = frozenset("aeiouyáéíóúüàèìòùâêîôûäö")


class Proof(StrEnum):
    """What the browser brought as a proof of work."""

    SOLVED = "solved"
    MISSING = "missing"
    WRONG = "wrong"
    REPLAYED = "replayed"


class Sign(StrEnum):
    """What speaks for a machine."""

    ADDRESS_QUOTA = "address_quota"
    FORM_QUOTA = "form_quota"
    DECOY_FILLED = "decoy_filled"
    PROOF_WRONG = "proof_wrong"
    PROOF_REPLAYED = "proof_replayed"
    PROOF_MISSING = "proof_missing"
    FAST = "fast"
    LINKS = "links"
    LINK_IN_NAME = "link_in_name"
    REPEATED_WORDS = "repeated_words"
    GIBBERISH = "gibberish"


SIGN_WORDS = {
    Sign.ADDRESS_QUOTA: "more than 5 in a minute from one address",
    Sign.FORM_QUOTA: "more than 60 in a minute on this form",
    Sign.DECOY_FILLED: "the hidden field was filled",
    Sign.PROOF_WRONG: "its proof of work is forged",
    Sign.PROOF_REPLAYED: "its proof of work was used before",
    Sign.PROOF_MISSING: "no proof of work",
    Sign.FAST: "sent within 5 seconds",
    Sign.LINKS: "links in the text",
    Sign.LINK_IN_NAME: "a link in the name",
    Sign.REPEATED_WORDS: "one word over and over",
    Sign.GIBBERISH: "text that no language has",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """What is known of one sending. The counts are those of the last minute, this one not among them."""

    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    seconds_open: float = 60.0
    is_decoy_filled: bool = False
    proof: Proof = Proof.MISSING
    from_address: int = 0
    on_form: int = 0


@dataclass(frozen=True, slots=True)
class Screening:
    """The verdict with the weight of each sign."""

    signs: tuple[tuple[Sign, int], ...]

    @property
    def score(self) -> int:
        """The sum of the weights."""
        return sum(weight for _, weight in self.signs)

    @property
    def is_quarantined(self) -> bool:
        """Whether a person looks at it first."""
        return self.score >= LIMIT

    def as_json(self) -> dict[str, object]:
        """Return what is stored with the submission."""
        return {"score": self.score, "signs": [{"sign": str(sign), "weight": weight} for sign, weight in self.signs]}


def screen(sending: Sending) -> Screening:
    """Weigh the signs of one sending."""
    text = "\n".join(sending.texts)
    links = len(_LINK.findall(text))
    found = {
        Sign.ADDRESS_QUOTA: 100 * (sending.from_address >= FROM_ONE_ADDRESS),
        Sign.FORM_QUOTA: 100 * (sending.on_form >= ON_ONE_FORM),
        Sign.DECOY_FILLED: 100 * sending.is_decoy_filled,
        Sign.PROOF_WRONG: 100 * (sending.proof is Proof.WRONG),
        Sign.PROOF_REPLAYED: 100 * (sending.proof is Proof.REPLAYED),
        Sign.PROOF_MISSING: 20 * (sending.proof is Proof.MISSING),
        Sign.FAST: 20 * (sending.seconds_open < FAST_SECONDS),
        Sign.LINKS: 30 * min(links, 2),
        Sign.LINK_IN_NAME: 60 * any(_LINK.search(name) for name in sending.names),
        Sign.REPEATED_WORDS: 30 * _is_repeating(text),
        Sign.GIBBERISH: 40 * any(map(_is_gibberish, (*sending.texts, *sending.names))),
    }
    return Screening(tuple((sign, weight) for sign, weight in found.items() if weight))


def _is_repeating(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    return len(words) >= 8 and Counter(words).most_common(1)[0][1] * 2 > len(words)


def _is_gibberish(text: str) -> bool:
    """Whether Latin text has long words with hardly a vowel, or six and more consonants in a row in most of them."""
    words = [word.lower() for word in _WORD.findall(text) if len(word) >= 7 and word.isascii()]
    odd = [word for word in words if _longest_without_vowel(word) >= 6]
    return len(odd) * 2 > len(words) if words else False


def _longest_without_vowel(word: str) -> int:
    longest = run = 0
    for mark in word:
        run = 0 if mark in _VOWELS else run + 1
        longest = max(longest, run)
    return longest
