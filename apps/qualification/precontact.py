"""Reviews before the first contact: which inquiries somebody decides about first, and by which criteria (row QL-16).

Pure. A review names its flow by a test, such as "cardiology, without a referral", and the criteria that the decision
rests on. A lead of such a flow is contacted once every criterion is met; it ends where one is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.policies.decisions.conditions import CompiledTest, check_condition, compile_node, fields_used
from apps.policies.decisions.documents import as_document, as_items, as_text, duplicate_ids, unknown_keys
from apps.policies.decisions.reading import read_condition
from apps.policies.decisions.sentences import read_aloud
from apps.policies.terms import FieldSpec, Labels, Problem

_PARTS = frozenset({"id", "name", "when", "criteria", "is_active"})
_CRITERION = frozenset({"id", "sentence"})
LONGEST_SENTENCE = 200


class Answer(StrEnum):
    """What somebody says of one criterion of a review."""

    MET = "met"
    NOT_MET = "not_met"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Review:
    """One flow that is reviewed before anybody is contacted; `criteria` are id and sentence of each."""

    id: str
    name: str
    criteria: tuple[tuple[str, str], ...]
    when: CompiledTest


def compile_reviews(document: Mapping[str, object]) -> tuple[Review, ...]:
    """Compile the reviews of a criteria document, those left out that are off. Never raises."""
    found = []
    for row in map(as_document, as_items(document.get("reviews"))):
        node = read_condition(row.get("when")).node
        if node is not None and as_text(row.get("id")) and row.get("is_active") is not False:
            key = as_text(row.get("id"))
            found.append(Review(key, as_text(row.get("name")) or key, _criteria(row), compile_node(node)))
    return tuple(found)


def review_for(facts: Mapping[str, object], reviews: Sequence[Review]) -> Review | None:
    """Return the first review whose flow a lead belongs to; what is not known puts nobody into a flow."""
    return next((each for each in reviews if each.when(facts) is True), None)


def judge_answers(
    criteria: Sequence[Mapping[str, str]], answers: Mapping[str, str], *, goes_on: bool
) -> tuple[Problem, ...]:
    """Name what keeps a decision from resting on its criteria: one without an answer, or an answer against it.

    The lead goes on when all are met, and is ended or put off when one is not met or not clear.
    """
    problems = [
        Problem(f"/answers/{each['id']}", "answer_missing", f"Say whether it is met: {each['sentence']}")
        for each in criteria
        if answers.get(each["id"]) not in set(Answer)
    ]
    if problems:
        return tuple(problems)
    against = [each for each in criteria if answers[each["id"]] != Answer.MET]
    if goes_on:
        return tuple(
            Problem(f"/answers/{each['id']}", "criterion_not_met", f"Nobody is contacted unless: {each['sentence']}")
            for each in against
        )
    if criteria and not against:
        sentence = "Every criterion is met: let the lead go on, or say which one is not."
        return (Problem("/answers", "criteria_met", sentence),)
    return ()


def check_reviews(value: object, fields: Mapping[str, FieldSpec]) -> list[Problem]:
    """Name everything wrong with the reviews of a criteria document: no flow, an unknown field, no criteria."""
    problems, ids = list[Problem](), list[tuple[str, str]]()
    for place, row in enumerate(map(as_document, as_items(value))):
        path = f"/reviews/{place}"
        problems += unknown_keys(row, _PARTS, path)
        ids.append((f"{path}/id", as_text(row.get("id"))))
        if not as_text(row.get("id")):
            problems.append(Problem(f"{path}/id", "id_missing", "A review needs an id, such as cardiology-first."))
        if "when" not in row or not fields_used(row["when"]):
            problems.append(Problem(f"{path}/when", "test_missing", "Say which inquiries are reviewed."))
        else:
            problems += check_condition(row["when"], fields, f"{path}/when")
        problems += _check_criteria(as_items(row.get("criteria")), f"{path}/criteria")
    return problems + duplicate_ids(ids)


def reviews_aloud(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Read the reviews aloud, a sentence for each."""
    found = []
    for row in map(as_document, as_items(as_document(document).get("reviews"))):
        off = " (switched off)" if row.get("is_active") is False else ""
        flow = read_aloud(row.get("when"), fields, labels)
        by = "; ".join(sentence for _key, sentence in _criteria(row))
        name = as_text(row.get("name")) or as_text(row.get("id"))
        found.append(f"{name}{off}: somebody decides before the first contact where {flow}. By: {by}.")
    return found


def _criteria(row: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    rows = map(as_document, as_items(row.get("criteria")))
    return tuple((as_text(each.get("id")), as_text(each.get("sentence"))) for each in rows if as_text(each.get("id")))


def _check_criteria(rows: Sequence[object], path: str) -> list[Problem]:
    if not rows:
        return [Problem(path, "criteria_missing", "Name the criteria that the decision rests on.")]
    problems = duplicate_ids([(f"{path}/{n}/id", as_text(as_document(each).get("id"))) for n, each in enumerate(rows)])
    for number, row in enumerate(map(as_document, rows)):
        here = f"{path}/{number}"
        problems += unknown_keys(row, _CRITERION, here)
        if not as_text(row.get("id")):
            problems.append(Problem(f"{here}/id", "id_missing", "A criterion needs an id, such as no-red-flags."))
        if not 0 < len(as_text(row.get("sentence"))) <= LONGEST_SENTENCE:
            said = f"Say the criterion in a plain sentence of at most {LONGEST_SENTENCE} characters."
            problems.append(Problem(f"{here}/sentence", "sentence_missing", said))
    return problems
