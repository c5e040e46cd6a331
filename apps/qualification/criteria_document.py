"""Checking a document of criteria, and reading it aloud: what people may write, and what they are told of it."""

from collections.abc import Mapping
from dataclasses import replace

from apps.accounts.terms import TeamFunction
from apps.policies.decisions.conditions import check_condition, fields_used
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.decisions.lint import Wins, lint, read_rules
from apps.policies.decisions.sentences import read_aloud
from apps.policies.terms import FieldKind, FieldSpec, Known, Labels, Problem, Severity
from apps.qualification.criteria import SCOPE
from apps.qualification.information import check_information, words_asked
from apps.qualification.precontact import check_reviews, reviews_aloud
from apps.qualification.terms import CriterionKind

_SET = frozenset({"id", "name", "who_may_qualify", "criteria", "is_active", *SCOPE})
_CRITERION = frozenset({"id", "kind", "sentence", "when", "required", "marketing", "ask", "is_active"})
#: What is known of an inquiry while it comes in and not of the lead afterwards: a verdict cannot rest on it.
_FLEETING = frozenset(
    {"landing_page", "ad_group", "keyword", "message_words", "is_repeat", "is_open", "line_mismatch", "hour_of_day"}
    | {"weekday", "stage", "requested_location"}
)
LONGEST_SENTENCE = 200
OWN_FIELDS: Mapping[str, FieldSpec] = {
    each.key: each
    for each in (
        FieldSpec("miles_to_open_clinic", "Miles to the nearest open clinic", FieldKind.NUMBER),
        FieldSpec("can_schedule", "The office takes such patients for the service now", FieldKind.FLAG),
        FieldSpec("has_decision_maker", "Who decides is known", FieldKind.FLAG),
        FieldSpec("reachable", "A valid phone or e-mail is known", FieldKind.FLAG),
        FieldSpec("referral_status", "Referral, as verified", FieldKind.CHOICE),
        FieldSpec("verified_eligibility", "Eligibility, as verified", FieldKind.CHOICE, ("met", "not_met", "unsure")),
    )
}


def criteria_fields(fields: Mapping[str, FieldSpec]) -> dict[str, FieldSpec]:
    """Return the fields that a criterion may test: what is known of a lead at any time, and what is computed of it."""
    return {key: spec for key, spec in fields.items() if key not in _FLEETING} | dict(OWN_FIELDS)


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with criteria: a sentence without a test, a test of an unknown field, unknown scopes."""
    top, allowed = as_document(document), criteria_fields(fields)
    problems = unknown_keys(top, frozenset({"sets", "information", "reviews", "qualify_first"}), "")
    problems += check_information(top.get("information")) + check_reviews(top.get("reviews"), allowed)
    problems += [
        Problem(f"/qualify_first/{place}", "unknown_pipeline", f"There is no pipeline “{key}”.")
        for place, key in enumerate(as_texts(top.get("qualify_first")))
        if key not in known.pipelines
    ]
    ids, scopes = list[tuple[str, str]](), dict[tuple[str, ...], str]()
    for place, item in enumerate(as_items(top.get("sets"))):
        row, path = as_document(item), f"/sets/{place}"
        ids.append((f"{path}/id", as_text(row.get("id"))))
        problems += _check_set(row, path, allowed, known) + _check_scope(row, path, scopes)
    return problems + duplicate_ids(ids)


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> tuple[str, ...]:
    """Read criteria aloud: each set with what it is about, then each criterion with its test."""
    allowed, found = criteria_fields(fields), []
    for row in map(as_document, as_items(as_document(document).get("sets"))):
        about = [labels.get(name, {}).get(key, key) for name in SCOPE if (key := as_text(row.get(name)))]
        off = " (switched off)" if row.get("is_active") is False else ""
        who = ", ".join(each.replace("_", " ") for each in as_texts(row.get("who_may_qualify")))
        decides = f" Decided by {who}." if who else ""
        head = as_text(row.get("name")) or as_text(row.get("id"))
        found.append(f"{head}{off}: for {', '.join(about) or 'every lead'}.{decides}")
        found += [_aloud(each, allowed, labels) for each in map(as_document, as_items(row.get("criteria")))]
    if first := as_texts(as_document(document).get("qualify_first")):
        found.append(f"Routed only once marketing's target is met: leads of {', '.join(first)}.")
    found += reviews_aloud(document, allowed, labels)
    found.append(f"Who names no need, place or time asks for information only by: {', '.join(words_asked(document))}.")
    return tuple(found)


def _aloud(row: Document, fields: Mapping[str, FieldSpec], labels: Labels) -> str:
    weight = ["required" if row.get("required") is not False else "counts, not required"]
    weight += ["part of marketing's target"] if row.get("marketing") is True else []
    weight += ["switched off"] if row.get("is_active") is False else []
    kind = as_text(row.get("kind")).replace("_", " ").capitalize()
    test = read_aloud(row.get("when"), fields, labels)
    return f"{as_text(row.get('id'))} · {kind}: {as_text(row.get('sentence'))}: {test} ({'; '.join(weight)})."


def _check_set(row: Document, path: str, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    problems = unknown_keys(row, _SET, path)
    if not as_text(row.get("id")):
        problems.append(Problem(f"{path}/id", "id_missing", "A set needs an id, such as Imaging-2."))
    for name, choices in (("campaign", fields["campaign"].choices), ("service", tuple(known.services))):
        key = as_text(row.get(name))
        if key and key not in choices:
            problems.append(Problem(f"{path}/{name}", f"unknown_{name}", f"There is no {name} “{key}”."))
    if (key := as_text(row.get("pipeline"))) and key not in known.pipelines:
        problems.append(Problem(f"{path}/pipeline", "unknown_pipeline", f"There is no pipeline “{key}”."))
    for place, each in enumerate(as_texts(row.get("who_may_qualify"))):
        if each not in set(TeamFunction):
            sentence = f"“{each}” is no function of a team. Say one of: {', '.join(TeamFunction)}."
            problems.append(Problem(f"{path}/who_may_qualify/{place}", "unknown_function", sentence))
    rows = [as_document(each) for each in as_items(row.get("criteria"))]
    if not rows:
        problems.append(Problem(f"{path}/criteria", "criteria_missing", "A set needs a criterion."))
    where = f"{path}/criteria"
    problems += duplicate_ids([(f"{where}/{number}/id", as_text(each.get("id"))) for number, each in enumerate(rows)])
    for number, criterion in enumerate(rows):
        problems += _check_criterion(criterion, f"{where}/{number}", fields)
    return problems + lint(read_rules(rows, where, fields, does="sentence"), fields, Wins.ALL, where)


def _check_scope(row: Document, path: str, scopes: dict[tuple[str, ...], str]) -> list[Problem]:
    """Two sets that are about the same would leave it to chance which of them counts."""
    if row.get("is_active") is False:
        return []
    scope, name = tuple(as_text(row.get(each)) for each in SCOPE), as_text(row.get("id"))
    other = scopes.setdefault(scope, name)
    if other == name:
        return []
    sentence = f"{name} is about the same leads as {other}: only one of them would count."
    return [Problem(path, "same_scope", sentence)]


def _check_criterion(row: Document, path: str, fields: Mapping[str, FieldSpec]) -> list[Problem]:
    problems = unknown_keys(row, _CRITERION, path)
    if not as_text(row.get("id")):
        problems.append(Problem(f"{path}/id", "id_missing", "A criterion needs an id, such as near-clinic."))
    sentence = as_text(row.get("sentence"))
    if not sentence or len(sentence) > LONGEST_SENTENCE:
        said = f"Say the criterion in a plain sentence of at most {LONGEST_SENTENCE} characters."
        problems.append(Problem(f"{path}/sentence", "sentence_missing", said))
    if as_text(row.get("kind")) not in set(CriterionKind):
        said = f"Say of which kind it is: {', '.join(CriterionKind)}."
        problems.append(Problem(f"{path}/kind", "unknown_kind", said))
    if "when" not in row or (not fields_used(row["when"]) and not check_condition(row["when"], fields)):
        said = f"“{sentence}” needs a test of a field: a sentence alone decides nothing."
        return [*problems, Problem(f"{path}/when", "test_missing", said)]
    found = check_condition(row["when"], fields, f"{path}/when")
    return problems + [_as_error(each) for each in found]


def _as_error(problem: Problem) -> Problem:
    if problem.code != "unknown_field":
        return problem
    sentence = f"{problem.sentence} A criterion tests what is known of a lead at any time."
    return replace(problem, severity=Severity.ERROR, sentence=sentence)
