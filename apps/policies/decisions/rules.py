"""What every rule of every rule set must have: an id, a meaning in plain words and a condition."""

from collections.abc import Mapping

from apps.policies.decisions.conditions import check_condition
from apps.policies.decisions.documents import Document, as_text
from apps.policies.terms import FieldSpec, Problem

LONGEST_ID = 40


def check_rule(rule: Document, fields: Mapping[str, FieldSpec], path: str) -> list[Problem]:
    """Name what is wrong with a rule's id, meaning and condition. A rule without meaning is refused."""
    problems = []
    rule_id = as_text(rule.get("id"))
    if not rule_id:
        problems.append(Problem(f"{path}/id", "id_missing", "A rule needs an id, such as R-12."))
    if len(rule_id) > LONGEST_ID:
        problems.append(Problem(f"{path}/id", "id_too_long", f"An id has at most {LONGEST_ID} characters."))
    if not as_text(rule.get("meaning")):
        sentence = "Say in plain words what this rule means for the business."
        problems.append(Problem(f"{path}/meaning", "meaning_missing", sentence))
    if "when" not in rule:
        problems.append(Problem(f"{path}/when", "condition_missing", "Say when this rule applies."))
        return problems
    return problems + check_condition(rule["when"], fields, f"{path}/when")
