"""The rules of intake work: who counsels where the insurance does not pay (row AP-11), reviews, alarms. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.leads.process import span
from apps.policies.decisions.documents import as_document, as_text, as_whole, unknown_keys
from apps.policies.terms import FieldSpec, Known, Labels, Problem
from apps.qualification.alarm_words import alarms_aloud, check_alarms
from apps.qualification.review_status import check_seconds, check_statuses, check_team, statuses_aloud

#: The kind of these rules.
INTAKE = "intake"
USUAL_COUNSELLING_SECONDS = 28_800
_PARTS = frozenset({"counselling", "statuses", "alarms"})
_COUNSELLING = frozenset({"team", "within_seconds"})


@dataclass(frozen=True, slots=True)
class Counselling:
    """Which team talks about paying with whom the insurance does not cover, and within which time."""

    team: str = ""
    within_seconds: int = USUAL_COUNSELLING_SECONDS


def counselling_of(document: Mapping[str, object]) -> Counselling:
    """Read who counsels. Never raises: without a team it is the lead's owner."""
    part = as_document(document.get("counselling"))
    return Counselling(as_text(part.get("team")), as_whole(part.get("within_seconds")) or USUAL_COUNSELLING_SECONDS)


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with the rules of intake work: unknown teams, unreadable limits."""
    rules = as_document(document)
    problems = unknown_keys(rules, _PARTS, "")
    if "counselling" in rules:
        problems += _check_counselling(rules["counselling"], known)
    return problems + check_statuses(rules.get("statuses"), known) + check_alarms(rules.get("alarms"), known)


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Read the rules aloud, a sentence for each thing."""
    rules, found = as_document(document), []
    if rules.get("counselling"):
        counsels = counselling_of(rules)
        who = counsels.team.replace("-", " ") or "the lead's owner"
        found.append(f"Who is not covered is counselled about paying by {who} within {span(counsels.within_seconds)}.")
    return found + statuses_aloud(rules) + alarms_aloud(rules.get("alarms"))


def _check_counselling(value: object, known: Known) -> list[Problem]:
    part, path = as_document(value), "/counselling"
    problems = unknown_keys(part, _COUNSELLING, path)
    if not as_text(part.get("team")):
        problems.append(Problem(f"{path}/team", "team_missing", "Name the team that counsels about paying."))
    problems += check_team(as_text(part.get("team")), f"{path}/team", known)
    return problems + check_seconds(part.get("within_seconds"), f"{path}/within_seconds")
