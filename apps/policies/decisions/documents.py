"""Reading rule documents, which are JSON: every reader answers with an empty value for a wrong type."""

from collections.abc import Mapping, Sequence
from math import isfinite

from apps.policies.terms import Problem, Severity

Document = Mapping[str, object]


def as_document(value: object) -> Document:
    """Return a JSON object, or an empty one; keys that are not text are left out."""
    if not isinstance(value, Mapping):
        return {}
    return {key: item for key, item in value.items() if isinstance(key, str)}


def as_items(value: object) -> Sequence[object]:
    """Return a JSON array as a sequence, or an empty one."""
    return value if isinstance(value, list | tuple) else ()


def as_text(value: object, otherwise: str = "") -> str:
    """Return text stripped of outer blanks, or the other value when it is blank or no text."""
    return (value.strip() or otherwise) if isinstance(value, str) else otherwise


def as_number(value: object) -> int | float | None:
    """Return a finite number, or None. True and False are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isfinite(value) else None


def as_whole(value: object) -> int | None:
    """Return a whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_texts(value: object) -> tuple[str, ...]:
    """Return the non-blank texts of an array, or of a single text."""
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else ()
    return tuple(item.strip() for item in as_items(value) if isinstance(item, str) and item.strip())


def unknown_keys(document: Document, allowed: frozenset[str], path: str) -> list[Problem]:
    """Name the keys that a document may not have: a misspelt key must not pass in silence."""
    return [
        Problem(f"{path}/{key}", "unknown_key", f"“{key}” is not understood here; expected {_listed(allowed)}.")
        for key in document
        if key not in allowed
    ]


def duplicate_ids(ids: Sequence[tuple[str, str]]) -> list[Problem]:
    """Name the ids used twice, given (path, id) pairs in order."""
    seen: set[str] = set()
    problems = []
    for path, rule_id in ids:
        if rule_id and rule_id in seen:
            problems.append(Problem(path, "duplicate_id", f"The id {rule_id} is used more than once."))
        seen.add(rule_id)
    return problems


def is_free_of_errors(problems: Sequence[Problem]) -> bool:
    """Whether a document with these problems may be saved."""
    return all(problem.severity is not Severity.ERROR for problem in problems)


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))
