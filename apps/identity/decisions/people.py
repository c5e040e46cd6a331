"""Deciding who an arrival is from.

Joining two people by mistake is worse than keeping one twice: a doubt is a near miss, for people to settle.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from apps.identity.decisions.evidence import Weights, births_conflict, weigh, weights_of
from apps.identity.decisions.likelihood import (
    is_worth_a_look,
    likelihood,
    may_be_worth_a_look,
    portrait_of,
)
from apps.identity.names import first_name_relation, last_name_relation, name_key, similarity
from apps.identity.terms import (
    Agreement,
    Band,
    CandidatePerson,
    DraftIdentity,
    Evidence,
    EvidenceLine,
    Likeness,
    MatchKey,
    NameRelation,
    NearMiss,
    Part,
    PersonMatch,
    PersonVerdict,
    Portrait,
)

_KEY_WORDS = {MatchKey.EXTERNAL_ID: "external id", MatchKey.PHONE: "phone", MatchKey.EMAIL: "e-mail"}
#: Under which word of the rules a line of the likelihood is shown; its points are bits.
EVIDENCE_OF = {
    Part.FIRST_NAME: Evidence.NAME,
    Part.LAST_NAME: Evidence.FAMILY_NAME,
    Part.BORN: Evidence.DATE_OF_BIRTH,
    Part.POSTAL_CODE: Evidence.POSTAL_CODE,
    Part.CITY: Evidence.CITY,
}
_FIRM = (NameRelation.SAME, NameRelation.NICKNAME)
_NAME_POINTS = {
    NameRelation.SAME: 20,
    NameRelation.NICKNAME: 15,
    NameRelation.TYPO: 10,
    NameRelation.INITIAL: 5,
}


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One person on file held against the arrival; `objection` is empty when they are the same."""

    candidate: CandidatePerson
    keys: tuple[MatchKey, ...]
    objection: str
    alike: int
    score: int
    likeness: Likeness
    agrees: tuple[str, ...]


def match_person(
    draft: DraftIdentity,
    candidates: Sequence[CandidatePerson],
    document: Mapping[str, object] | None = None,
    *,
    apart: AbstractSet[frozenset[UUID]] = frozenset(),
) -> PersonVerdict:
    """Say which person on file the arrival is from, or that it is somebody new.

    The same person has the same external id, or the same phone or e-mail and a name that does not contradict:
    missing on one side, same, nickname, slip, or initial. Another last name with the same first name needs a
    second key or the same date of birth. A value known to be shared needs both names. Two dates of birth that
    differ always make two people. Among several: most keys, then the likest name, then the lowest id.

    Of two whom people keep apart (`apart` holds the pairs) neither is taken where both fit alike: that is a doubt.
    Whoever is not taken is near when their score by the document's weights is high enough, or a key is common.
    """
    weights = weights_of(document or {})
    portrait = portrait_of(draft)
    compared = [_compare(draft, portrait, candidate, weights) for candidate in candidates]
    same = [one for one in compared if one.keys and not one.objection]
    same.sort(key=lambda one: (-len(one.keys), -one.alike, one.candidate.person_id))
    near = [_near(one) for one in compared if one.objection or (not one.keys and one.likeness.band is not Band.NONE)]
    if not same:
        return PersonVerdict(PersonMatch.NEW, None, (), _why_new(near), 0, _in_order(near))
    best = same[0]
    rivals = tuple(one for one in same[1:] if (len(one.keys), one.alike) == (len(best.keys), best.alike))
    if any(frozenset({best.candidate.person_id, one.candidate.person_id}) in apart for one in rivals):
        near += [NearMiss(one.candidate.person_id, f"same {_listed(one.keys)}", one.likeness) for one in same]
        reason = f"Same {_listed(best.keys)} as two people who are kept apart."
        return PersonVerdict(PersonMatch.NEW, None, (), reason, 0, _in_order(near))
    near += [NearMiss(one.candidate.person_id, f"same {_listed(one.keys)} as well", one.likeness) for one in same[1:]]
    reason = f"Same {_listed(best.keys)}, and the name fits."
    if best.keys == (MatchKey.EXTERNAL_ID,):
        reason = "Same external id."
    keys = tuple(key.value for key in best.keys)
    taken = best.candidate.person_id
    likewise = tuple(one.candidate.person_id for one in rivals)
    return PersonVerdict(PersonMatch.SAME, taken, keys, reason, best.score, _in_order(near), best.agrees, likewise)


def _compare(draft: DraftIdentity, portrait: Portrait, candidate: CandidatePerson, weights: Weights) -> _Comparison:
    shared = {
        MatchKey.EXTERNAL_ID: candidate.external_ids.intersection(draft.external_ids),
        MatchKey.PHONE: candidate.phones.intersection(draft.phones),
        MatchKey.EMAIL: candidate.emails.intersection(draft.emails),
    }
    keys = tuple(key for key, values in shared.items() if values - {""})
    first = first_name_relation(draft.first_name, candidate.first_name)
    last = last_name_relation(draft.last_name, candidate.last_name)
    same_birth = draft.date_of_birth is not None and draft.date_of_birth == candidate.date_of_birth
    alike = similarity(name_key(draft.first_name, draft.last_name), name_key(candidate.first_name, candidate.last_name))
    same_area = bool(draft.postal_code) and draft.postal_code == candidate.postal_code
    if keys:
        only_shared = all(shared[key] - {""} <= candidate.shared_values for key in keys)
        objection = _objection(keys, first, last, same_birth, only_shared)
        if births_conflict(draft.date_of_birth, candidate.date_of_birth):
            objection = f"same {_listed(keys)}, different date of birth"
    else:
        objection = _name_alone(draft, candidate, first, last, same_birth, same_area)
    likeness = weigh(draft, candidate, weights)
    if likeness.band is Band.NONE and not keys:
        likeness = _by_all_parts(portrait, portrait_of(candidate), weights) or likeness
    score = min(100, 40 + 20 * len(keys) + _NAME_POINTS.get(first, 0) + _NAME_POINTS.get(last, 0) // 2)
    if MatchKey.EXTERNAL_ID in keys:
        score = 100
    agrees = _agreements(first, last, same_birth=same_birth, same_area=same_area)
    return _Comparison(candidate, keys, objection, alike, score, likeness, agrees)


def _by_all_parts(one: Portrait, other: Portrait, weights: Weights) -> Likeness | None:
    """Return the likeness by everything two records say, where that is worth a look and the rules' weights are silent.

    It is offered at the lowest score that is reviewed at all, below every pair that the rules' own weights name.
    """
    if not may_be_worth_a_look(one, other):
        return None
    found = likelihood(one, other)
    if not is_worth_a_look(found):
        return None
    words = [
        EvidenceLine(EVIDENCE_OF[line.part], round(line.bits), line.sentence)
        for line in found.lines
        if line.part in EVIDENCE_OF
    ]
    return Likeness(round(weights.review), Band.REVIEW, tuple(words))


def _agreements(first: NameRelation, last: NameRelation, *, same_birth: bool, same_area: bool) -> tuple[str, ...]:
    """Name what fits besides the keys. A name agrees when first and last are the same, or one is a nickname."""
    fits = {
        Agreement.NAME: first in _FIRM and last in _FIRM,
        Agreement.POSTAL_CODE: same_area,
        Agreement.DATE_OF_BIRTH: same_birth,
    }
    return tuple(each.value for each, does in fits.items() if does)


def _near(one: _Comparison) -> NearMiss:
    """Say why somebody is near: what stood against them, else what their score is made of."""
    said = ", ".join(f"{line.sentence[:1].lower()}{line.sentence[1:].rstrip('.')}" for line in one.likeness.lines)
    return NearMiss(one.candidate.person_id, one.objection or said, one.likeness)


def _objection(
    keys: tuple[MatchKey, ...], first: NameRelation, last: NameRelation, same_birth: bool, only_shared: bool
) -> str:
    """Return why two records with common keys are not one person, or "" when they are."""
    if MatchKey.EXTERNAL_ID in keys:
        return ""
    if first is NameRelation.DIFFERENT:
        return f"same {_listed(keys)}, different name"
    if only_shared and not (first in _FIRM and last in _FIRM):
        return f"same {_listed(keys)}, which several people share"
    if last is NameRelation.DIFFERENT and not (first in _FIRM and (len(keys) > 1 or same_birth)):
        return f"same {_listed(keys)}, different last name"
    return ""


def _name_alone(
    draft: DraftIdentity,
    candidate: CandidatePerson,
    first: NameRelation,
    last: NameRelation,
    same_birth: bool,
    same_area: bool,
) -> str:
    """Name alone never joins two records; with the birthday or the postal code it is worth a look."""
    agree = first in (*_FIRM, NameRelation.TYPO) and last in (NameRelation.SAME, NameRelation.TYPO)
    if not agree or births_conflict(draft.date_of_birth, candidate.date_of_birth):
        return ""
    if same_birth:
        return "same name and date of birth"
    return "same name and postal code" if same_area else ""


def _why_new(near: Sequence[NearMiss]) -> str:
    if not near:
        return "Nobody on file shares a contact value."
    return f"A person on file comes near: {near[0].why}."


def _in_order(near: Sequence[NearMiss]) -> tuple[NearMiss, ...]:
    return tuple(sorted(near, key=lambda miss: miss.person_id))


def _listed(keys: Sequence[MatchKey]) -> str:
    return " and ".join(_KEY_WORDS[key] for key in keys)
