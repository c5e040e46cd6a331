"""Checking duplicate rules before they may rule: the rules of arrivals and the weights of weak evidence."""

from collections.abc import Mapping

from apps.identity.decisions.evidence import DEFAULT_REVIEW, DEFAULT_STRONG, DEFAULT_WEIGHTS
from apps.identity.terms import Agreement, Evidence, MatchKey, Scope
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_number,
    as_text,
    as_texts,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Problem, Severity

_RULE_PARTS = frozenset(
    {"id", "name", "meaning", "keys", "match", "priority", "window_hours", "scope", "inside", "outside", "reopen_days"}
)

LONGEST_REOPENING = 366


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with the duplicate rules."""
    top = as_document(document)
    rules = as_items(top.get("rules"))
    problems = unknown_keys(top, frozenset({"rules", "evidence"}), "")
    if not rules:
        sentence = "Without a rule every repeat becomes a lead of its own, linked."
        problems.append(Problem("/rules", "no_rules", sentence, Severity.WARNING))
    ids = []
    for place, item in enumerate(rules):
        path = f"/rules/{place}"
        rule = as_document(item)
        ids.append((f"{path}/id", as_text(rule.get("id"))))
        problems += _check_rule(rule, path)
    return problems + duplicate_ids(ids) + _check_evidence(top)


def _check_rule(rule: Document, path: str) -> list[Problem]:
    problems = unknown_keys(rule, _RULE_PARTS, path)

    def refuse(key: str, code: str, sentence: str) -> None:
        problems.append(Problem(f"{path}/{key}", code, sentence))

    for key in ("id", "name", "meaning"):
        if not as_text(rule.get(key)):
            refuse(key, f"{key}_missing", f"A duplicate rule needs its {key}.")
    keys = as_texts(rule.get("keys"))
    if not keys or not set(keys) <= {*MatchKey, *Agreement}:
        words = ", ".join([*MatchKey, *Agreement])
        refuse("keys", "bad_keys", f"A duplicate rule compares one or more of: {words}.")
    elif set(keys).isdisjoint(MatchKey) or (set(keys) & set(Agreement) and rule.get("match") != "all"):
        sentence = "A name, postal code or date of birth only adds to phone, email or external_id (match: all)."
        refuse("keys", "weak_keys", sentence)
    if "match" in rule and rule.get("match") not in ("any", "all"):
        refuse("match", "bad_match", "“match” must be one of: any, all.")
    priority = as_whole(rule.get("priority"))
    if "priority" in rule and (priority is None or not 1 <= priority <= 999):
        refuse("priority", "bad_priority", "The priority is a whole number from 1 to 999; the lowest is asked first.")
    hours = as_number(rule.get("window_hours"))
    if hours is None or hours <= 0:
        refuse("window_hours", "bad_window", "The window is a number of hours above 0.")
    days = as_whole(rule.get("reopen_days"))
    if "reopen_days" in rule and (days is None or not 0 <= days <= LONGEST_REOPENING):
        sentence = f"A closed inquiry is taken up again within 0 (never) to {LONGEST_REOPENING} days."
        refuse("reopen_days", "bad_reopen_days", sentence)
    choices = {"scope": tuple(Scope), "inside": ("merge", "update", "link"), "outside": ("link",)}
    for key, allowed in choices.items():
        if as_text(rule.get(key)) not in allowed:
            refuse(key, f"bad_{key}", f"“{key}” must be one of: {', '.join(allowed)}.")
    return problems


def _check_evidence(top: Document) -> list[Problem]:
    """Name what is wrong with weights and thresholds; without the section the defaults rule."""
    if "evidence" not in top:
        return []
    part = as_document(top.get("evidence"))
    weights = as_document(part.get("weights"))
    problems = unknown_keys(part, frozenset({"weights", "review", "strong"}), "/evidence")
    problems += unknown_keys(weights, frozenset(map(str, Evidence)), "/evidence/weights")
    for name, value in weights.items():
        weight = as_number(value)
        if name in DEFAULT_WEIGHTS and (weight is None or not _fits(name, weight)):
            low, high = (-100, 0) if name == Evidence.DATE_OF_BIRTH_DIFFERS else (0, 100)
            sentence = f"The weight of “{name}” is a number from {low} to {high}."
            problems.append(Problem(f"/evidence/weights/{name}", "bad_weight", sentence))
    marks = []
    for name, otherwise in (("review", DEFAULT_REVIEW), ("strong", DEFAULT_STRONG)):
        mark = as_number(part.get(name, otherwise))
        if mark is None or not 1 <= mark <= 100:
            problems.append(Problem(f"/evidence/{name}", "bad_mark", f"“{name}” is a score from 1 to 100."))
        else:
            marks.append(mark)
    if len(marks) == 2 and marks[0] >= marks[1]:
        sentence = "What is strong must score more than what is only to be reviewed."
        problems.append(Problem("/evidence/strong", "marks_turned", sentence))
    return problems


def _fits(name: str, weight: float) -> bool:
    return -100 <= weight <= 0 if name == Evidence.DATE_OF_BIRTH_DIFFERS else 0 <= weight <= 100
