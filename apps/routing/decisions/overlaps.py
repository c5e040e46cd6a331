"""Rules of one layer that get in each other's way: one that is never reached, or two that want the same leads."""

from collections.abc import Mapping, Sequence

from apps.policies.decisions.documents import Document, as_document, as_items, as_text
from apps.policies.terms import Problem, Severity

_MANY = "in"
_ONE = frozenset({"is", "in"})
#: The values that a condition takes, by field; a field that is missing takes every value.
Demands = Mapping[str, frozenset[str]]


def overlapping(rules: Sequence[Document], path: str) -> list[Problem]:
    """Warn where an earlier rule of a layer takes all or some of a later rule's leads.

    In a layer the first rule that holds wins. Judged are conditions that name values for fields, all of which
    must hold; what counts, compares or reads words is not judged, for two such rules may never meet. Only rules
    over the same fields are called overlapping: a rule for a service and one for an office meet by design.
    """
    problems = []
    earlier: list[tuple[str, Demands]] = []
    for number, rule in enumerate(rules):
        demands = _demands(rule.get("when"))
        if rule.get("is_active") is False or not demands:
            continue
        name = as_text(rule.get("id"))
        for other, wider in earlier:
            if all(demands.get(field, frozenset()) and demands[field] <= taken for field, taken in wider.items()):
                if demands != wider:
                    sentence = f"{name} is never reached: {other} comes first and holds whenever {name} does."
                    problems.append(Problem(f"{path}/rules/{number}", "unreachable", sentence, Severity.WARNING))
                break
            shared = _shared(demands, wider)
            if shared:
                sentence = f"{name} and {other} both fit {shared}; {other} comes first and takes it."
                problems.append(Problem(f"{path}/rules/{number}", "overlapping", sentence, Severity.WARNING))
                break
        earlier.append((name, demands))
    return problems


def _demands(condition: object) -> Demands | None:
    """Return what a condition asks for, or None where that cannot be said by values alone."""
    whole = as_document(condition)
    tests = [as_document(each) for each in as_items(whole["all"])] if "all" in whole else [whole]
    found: dict[str, frozenset[str]] = {}
    for test in tests:
        field, op, value = as_text(test.get("field")), as_text(test.get("op")), test.get("value")
        if not field or op not in _ONE or field in found:
            return None
        found[field] = frozenset(map(str, as_items(value))) if op == _MANY else frozenset({str(value)})
    return found


def _shared(one: Demands, other: Demands) -> str:
    if one.keys() != other.keys():
        return ""
    common = {field: one[field] & other[field] for field in one}
    if not all(common.values()):
        return ""
    return " and ".join(f"{field.replace('_', ' ')} {sorted(values)[0]}" for field, values in common.items())
