"""Deciding who an arrival is from, and whether it is a new inquiry, a repeat, or an addition.

Joining two people by mistake is worse than keeping one twice: a doubt is a near miss, for people to settle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.identity.names import first_name_relation, last_name_relation, name_key, similarity
from apps.identity.terms import (
    CandidatePerson,
    DraftIdentity,
    LeadAction,
    LeadVerdict,
    MatchKey,
    NameRelation,
    NearMiss,
    PersonMatch,
    PersonVerdict,
    PriorLead,
    Scope,
    Verdict,
)
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_number,
    as_text,
    as_texts,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Problem, Severity

_KEY_WORDS = {MatchKey.EXTERNAL_ID: "external id", MatchKey.PHONE: "phone", MatchKey.EMAIL: "e-mail"}
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
    likeness: int
    score: int


def match_person(draft: DraftIdentity, candidates: Sequence[CandidatePerson]) -> PersonVerdict:
    """Say which person on file the arrival is from, or that it is somebody new.

    The same person has the same external id, or the same phone or e-mail and a name that does not contradict:
    missing on one side, same, nickname, slip, or initial. Another last name with the same first name needs a
    second key or the same date of birth. A value known to be shared needs both names. Two dates of birth that
    differ always make two people. Among several: most keys, then the likest name, then the lowest id.
    """
    compared = [_compare(draft, candidate) for candidate in candidates]
    same = [one for one in compared if one.keys and not one.objection]
    same.sort(key=lambda one: (-len(one.keys), -one.likeness, one.candidate.person_id))
    near = [NearMiss(one.candidate.person_id, one.objection) for one in compared if one.objection]
    if not same:
        return PersonVerdict(PersonMatch.NEW, None, (), _why_new(near), 0, _in_order(near))
    best = same[0]
    near += [NearMiss(one.candidate.person_id, f"same {_listed(one.keys)} as well") for one in same[1:]]
    reason = f"Same {_listed(best.keys)}, and the name fits."
    if best.keys == (MatchKey.EXTERNAL_ID,):
        reason = "Same external id."
    keys = tuple(key.value for key in best.keys)
    return PersonVerdict(PersonMatch.SAME, best.candidate.person_id, keys, reason, best.score, _in_order(near))


def judge_arrival(
    *,
    keys: tuple[str, ...],
    service: str | None,
    campaign: str | None,
    party: str | None,
    at: datetime,
    priors: Sequence[PriorLead],
    document: Mapping[str, object],
) -> LeadVerdict:
    """Say whether the person's arrival is a new inquiry, and what it counts as.

    The first rule decides that looks at a matched key and has an earlier inquiry in its scope. An open one
    inside the window: what the rule says. A closed one, or the same party delivering again after the window:
    a resubmission, linked. Outside the window otherwise: a new inquiry, linked. So is another service.
    """
    if not priors:
        return LeadVerdict(LeadAction.NEW, Verdict.NEW, None, "", "First inquiry of this person.")
    for item in as_items(as_document(document).get("rules")):
        rule = as_document(item)
        scope = as_text(rule.get("scope"), Scope.SERVICE)
        in_scope = [prior for prior in priors if _is_in_scope(prior, scope, service, campaign)]
        if in_scope and not set(keys).isdisjoint(as_texts(rule.get("keys"))):
            return _by_rule(rule, in_scope, party, at)
    others = {prior.service for prior in priors} - {None, service}
    reason = "No duplicate rule covers this; linked to the earlier inquiry."
    if service and len(others) == len({prior.service for prior in priors}):
        reason = "The person asks for another service."
    return LeadVerdict(LeadAction.LINK, Verdict.NEW, _latest(priors).lead_id, "", reason)


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with the duplicate rules."""
    top = as_document(document)
    rules = as_items(top.get("rules"))
    problems = unknown_keys(top, frozenset({"rules"}), "")
    if not rules:
        sentence = "Without a rule every repeat becomes a lead of its own, linked."
        problems.append(Problem("/rules", "no_rules", sentence, Severity.WARNING))
    ids = []
    for place, item in enumerate(rules):
        path = f"/rules/{place}"
        rule = as_document(item)
        ids.append((f"{path}/id", as_text(rule.get("id"))))
        problems += _check_rule(rule, path)
    return problems + duplicate_ids(ids)


def _compare(draft: DraftIdentity, candidate: CandidatePerson) -> _Comparison:
    shared = {
        MatchKey.EXTERNAL_ID: candidate.external_ids.intersection(draft.external_ids),
        MatchKey.PHONE: candidate.phones.intersection(draft.phones),
        MatchKey.EMAIL: candidate.emails.intersection(draft.emails),
    }
    keys = tuple(key for key, values in shared.items() if values - {""})
    first = first_name_relation(draft.first_name, candidate.first_name)
    last = last_name_relation(draft.last_name, candidate.last_name)
    same_birth = draft.date_of_birth is not None and draft.date_of_birth == candidate.date_of_birth
    likeness = similarity(
        name_key(draft.first_name, draft.last_name), name_key(candidate.first_name, candidate.last_name)
    )
    if keys:
        only_shared = all(shared[key] - {""} <= candidate.shared_values for key in keys)
        objection = _objection(keys, first, last, same_birth, only_shared)
        if _births_conflict(draft.date_of_birth, candidate.date_of_birth):
            objection = f"same {_listed(keys)}, different date of birth"
    else:
        same_area = bool(draft.postal_code) and draft.postal_code == candidate.postal_code
        objection = _name_alone(draft, candidate, first, last, same_birth, same_area)
    score = min(100, 40 + 20 * len(keys) + _NAME_POINTS.get(first, 0) + _NAME_POINTS.get(last, 0) // 2)
    if MatchKey.EXTERNAL_ID in keys:
        score = 100
    return _Comparison(candidate, keys, objection, likeness, score)


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
    if not agree or _births_conflict(draft.date_of_birth, candidate.date_of_birth):
        return ""
    if same_birth:
        return "same name and date of birth"
    return "same name and postal code" if same_area else ""


def _births_conflict(one: date | None, two: date | None) -> bool:
    """Two known dates that differ; day and month swapped is a slip of the form, not another person."""
    if one is None or two is None or one == two:
        return False
    return not (one.year == two.year and one.month == two.day and one.day == two.month)


def _by_rule(rule: Document, priors: list[PriorLead], party: str | None, at: datetime) -> LeadVerdict:
    rule_id = as_text(rule.get("id"))
    hours = as_number(rule.get("window_hours")) or 0
    recent = [prior for prior in priors if prior.is_open and _is_inside(prior, at, hours)]
    if recent:
        inside = as_text(rule.get("inside"))
        action = LeadAction(inside) if inside in ("merge", "update") else LeadAction.LINK
        verdict = Verdict.UPDATE if action is LeadAction.UPDATE else Verdict.DUPLICATE
        reason = f"Open inquiry touched within {hours:g} hours."
        return LeadVerdict(action, verdict, _latest(recent).lead_id, rule_id, reason)
    prior = _latest(priors)
    if not prior.is_open:
        verdict, reason = Verdict.RESUBMIT, "The earlier inquiry is closed."
    elif party is not None and party == prior.party:
        verdict, reason = Verdict.RESUBMIT, f"The same party delivers again after {hours:g} hours."
    else:
        verdict, reason = Verdict.NEW, f"The earlier inquiry is older than {hours:g} hours."
    return LeadVerdict(LeadAction.LINK, verdict, prior.lead_id, rule_id, reason)


def _is_inside(prior: PriorLead, at: datetime, hours: float) -> bool:
    return abs((at - prior.captured_at) / timedelta(hours=1)) <= hours


def _is_in_scope(prior: PriorLead, scope: str, service: str | None, campaign: str | None) -> bool:
    if scope == Scope.TENANT:
        return True
    if scope == Scope.CAMPAIGN:
        return prior.campaign == campaign
    return not prior.service or not service or prior.service == service


def _latest(priors: Sequence[PriorLead]) -> PriorLead:
    return min(priors, key=lambda prior: (-prior.captured_at.timestamp(), prior.lead_id))


def _check_rule(rule: Document, path: str) -> list[Problem]:
    allowed = frozenset({"id", "name", "meaning", "keys", "window_hours", "scope", "inside", "outside"})
    problems = unknown_keys(rule, allowed, path)

    def refuse(key: str, code: str, sentence: str) -> None:
        problems.append(Problem(f"{path}/{key}", code, sentence))

    for key in ("id", "name", "meaning"):
        if not as_text(rule.get(key)):
            refuse(key, f"{key}_missing", f"A duplicate rule needs its {key}.")
    keys = as_texts(rule.get("keys"))
    if not keys or not set(keys) <= set(MatchKey):
        refuse("keys", "bad_keys", "A duplicate rule compares one or more of: phone, email, external_id.")
    hours = as_number(rule.get("window_hours"))
    if hours is None or hours <= 0:
        refuse("window_hours", "bad_window", "The window is a number of hours above 0.")
    choices = {"scope": tuple(Scope), "inside": ("merge", "update", "link"), "outside": ("link",)}
    for key, words in choices.items():
        if as_text(rule.get(key)) not in words:
            refuse(key, f"bad_{key}", f"“{key}” must be one of: {', '.join(words)}.")
    return problems


def _why_new(near: Sequence[NearMiss]) -> str:
    if not near:
        return "Nobody on file shares a contact value."
    return f"A person on file comes near: {near[0].why}."


def _in_order(near: Sequence[NearMiss]) -> tuple[NearMiss, ...]:
    return tuple(sorted(near, key=lambda miss: miss.person_id))


def _listed(keys: Sequence[MatchKey]) -> str:
    return " and ".join(_KEY_WORDS[key] for key in keys)
