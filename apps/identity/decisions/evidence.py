"""Weighing weak evidence: how likely two records are one person, as a sum whose every line is said in words.

A score never joins anybody. It says which pairs people should look at, and with what in front of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from apps.identity.names import first_name_relation, last_name_relation, last_parts, similarity
from apps.identity.terms import (
    Band,
    CandidatePerson,
    DraftIdentity,
    Evidence,
    EvidenceLine,
    Likeness,
    NameRelation,
)
from apps.policies.decisions.documents import as_document, as_number

DEFAULT_WEIGHTS: Mapping[Evidence, int] = {
    Evidence.NAME: 45,
    Evidence.FAMILY_NAME: 15,
    Evidence.DATE_OF_BIRTH: 30,
    Evidence.DATE_OF_BIRTH_DIFFERS: -30,
    Evidence.POSTAL_CODE: 20,
    Evidence.CITY: 8,
    Evidence.PHONE: 50,
    Evidence.EMAIL: 50,
}
DEFAULT_REVIEW, DEFAULT_STRONG = 50, 85
ALIKE_PERCENT = 75
#: The share of the name's weight by how the first and the last names relate; the smaller of the two counts.
_FIRST_SHARES = {
    NameRelation.SAME: (100, "same first name"),
    NameRelation.NICKNAME: (90, "first names that are one name and its short form"),
    NameRelation.TYPO: (80, "first names a slip apart"),
    NameRelation.INITIAL: (70, "one first name is the other's initial"),
    NameRelation.MISSING: (40, "one first name is missing"),
}
_LAST_SHARES = {
    NameRelation.SAME: (100, "same last name"),
    NameRelation.TYPO: (80, "last names a slip or a sound apart"),
    NameRelation.INITIAL: (50, "one last name is the other's initial"),
    NameRelation.MISSING: (40, "one last name is missing"),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What the duplicate rules say of evidence: its weights, and the scores of the review and the strong band."""

    of: Mapping[Evidence, float]
    review: float
    strong: float


def weigh(draft: DraftIdentity, candidate: CandidatePerson, weights: Weights) -> Likeness:
    """Return how likely the arrival is this person, by the weights of the duplicate rules.

    Other first names, or dates of birth that differ by more than a slip, never reach the strong band: a family
    shares its phone. A number that several people are known to share counts half.
    """
    found = [*_name_lines(draft, candidate), *_birth_lines(draft, candidate), *_place_lines(draft, candidate)]
    found += _contact_lines(draft, candidate)
    lines = tuple(
        EvidenceLine(evidence, round(weights.of[evidence] * share / 100), sentence)
        for evidence, share, sentence in found
    )
    score = max(0, min(100, sum(line.points for line in lines)))
    evidence = {line.evidence for line in lines}
    is_held_back = Evidence.NAME not in evidence or Evidence.DATE_OF_BIRTH_DIFFERS in evidence
    if score >= weights.strong and not is_held_back:
        return Likeness(score, Band.STRONG, lines)
    return Likeness(score, Band.REVIEW if score >= weights.review else Band.NONE, lines)


def births_conflict(one: date | None, two: date | None) -> bool:
    """Two known dates that differ; day and month swapped is a slip of the form, not another person."""
    return one is not None and two is not None and one != two and not _are_swapped(one, two)


_Line = tuple[Evidence, int, str]


def weights_of(document: object) -> Weights:
    """Return the weights of a document of duplicate rules; what it leaves out is the default."""
    rules = as_document(as_document(document).get("evidence"))
    own = as_document(rules.get("weights"))
    found: dict[Evidence, float] = {}
    for each in Evidence:
        weight = as_number(own.get(each))
        found[each] = DEFAULT_WEIGHTS[each] if weight is None else weight
    review, strong = as_number(rules.get("review")), as_number(rules.get("strong"))
    return Weights(found, DEFAULT_REVIEW if review is None else review, DEFAULT_STRONG if strong is None else strong)


def _name_lines(draft: DraftIdentity, candidate: CandidatePerson) -> list[_Line]:
    """Say how the names agree; of different first names only a family name is left."""
    if not (candidate.first_name or candidate.last_name) or not (draft.first_name or draft.last_name):
        return []
    last = _last_share(draft.last_name, candidate.last_name)
    first = _FIRST_SHARES.get(first_name_relation(draft.first_name, candidate.first_name))
    if first and last:
        words = "Same name." if first[0] == last[0] == 100 else f"{first[1]}, {last[1]}.".capitalize()
        return [(Evidence.NAME, min(first[0], last[0]), words)]
    if _is_turned(draft, candidate):
        return [(Evidence.NAME, 85, "First and last name are swapped.")]
    if last and last[0] >= 80:
        return [(Evidence.FAMILY_NAME, 100, f"{last[1].capitalize()}, another first name.")]
    return []


def _last_share(one: str, two: str) -> tuple[int, str] | None:
    """Say how much of the last name agrees: whole, one of two, a slip, the first of two, or much alike."""
    relation, left, right = last_name_relation(one, two), last_parts(one), last_parts(two)
    if relation is NameRelation.SAME and set(left) != set(right) and "".join(left) != "".join(right):
        return 90, "one last name is part of the other's double name"
    if relation in _LAST_SHARES:
        return _LAST_SHARES[relation]
    if left[:1] == right[:1]:
        return 70, "the first of two last names is the same"
    alike = similarity(one, two)
    return (60, f"last names {alike} % alike") if alike >= ALIKE_PERCENT else None


def _is_turned(draft: DraftIdentity, candidate: CandidatePerson) -> bool:
    """Say whether one's first name is the other's last name and the other way round, whoever came first."""
    return _stands_turned(draft.first_name, draft.last_name, candidate) or _stands_turned(
        candidate.first_name, candidate.last_name, draft
    )


def _stands_turned(first: str, last: str, other: DraftIdentity | CandidatePerson) -> bool:
    ahead = last_name_relation(first, other.last_name)
    behind = first_name_relation(last, other.first_name)
    return ahead is NameRelation.SAME and behind in (NameRelation.SAME, NameRelation.NICKNAME)


def _birth_lines(draft: DraftIdentity, candidate: CandidatePerson) -> list[_Line]:
    one, two = draft.date_of_birth, candidate.date_of_birth
    if one is None or two is None:
        return []
    if one == two:
        return [(Evidence.DATE_OF_BIRTH, 100, "Same date of birth.")]
    if _are_swapped(one, two):
        return [(Evidence.DATE_OF_BIRTH, 80, "Dates of birth with day and month swapped.")]
    if sum(a != b for a, b in zip(one.isoformat(), two.isoformat(), strict=True)) == 1:
        return [(Evidence.DATE_OF_BIRTH, 50, "Dates of birth that differ in one digit.")]
    return [(Evidence.DATE_OF_BIRTH_DIFFERS, 100, "Different dates of birth.")]


def _place_lines(draft: DraftIdentity, candidate: CandidatePerson) -> list[_Line]:
    if draft.postal_code and draft.postal_code == candidate.postal_code:
        return [(Evidence.POSTAL_CODE, 100, "Same postal code.")]
    if draft.city and draft.city.casefold() == candidate.city.casefold():
        return [(Evidence.CITY, 100, "Same city.")]
    return []


def _contact_lines(draft: DraftIdentity, candidate: CandidatePerson) -> list[_Line]:
    lines: list[_Line] = []
    pairs = (
        (Evidence.PHONE, "phone", candidate.phones.intersection(draft.phones)),
        (Evidence.EMAIL, "e-mail", candidate.emails.intersection(draft.emails)),
    )
    for evidence, word, common in pairs:
        if not common - {""}:
            continue
        if common - {""} <= candidate.shared_values:
            lines.append((evidence, 50, f"Same {word}, which several people share."))
        else:
            lines.append((evidence, 100, f"Same {word}."))
    return lines


def _are_swapped(one: date, two: date) -> bool:
    return one.year == two.year and one.month == two.day and one.day == two.month
