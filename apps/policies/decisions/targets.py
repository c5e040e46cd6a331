"""Targets that a rule names: does the catalog have them, do they work, and can the rule ever hold."""

from collections.abc import Mapping

from apps.policies.decisions.documents import Document, as_text
from apps.policies.decisions.reading import read_condition, tests_of
from apps.policies.terms import Known, Operator, Problem, Severity


def check_queue(key: str, known: Known, path: str) -> list[Problem]:
    """Name what is wrong with a queue as a target. One that is missing or closed blocks an approval."""
    if key in known.closed_queues:
        sentence = f"The queue “{key}” is closed, or its team is: the fallback would be taken."
        return [Problem(path, "inactive_target", sentence, Severity.BLOCKS)]
    if key not in known.queues:
        sentence = f"There is no queue “{key}”: the fallback would be taken."
        return [Problem(path, "unknown_queue", sentence, Severity.BLOCKS)]
    found = []
    if key in known.idle_queues:
        sentence = f"Nobody works in the team of the queue “{key}”: leads would wait there."
        found.append(Problem(path, "idle_target", sentence, Severity.WARNING))
    if key in known.stranded_queues:
        sentence = f"The after-hours queue of “{key}” is closed: at night leads would wait in “{key}”."
        found.append(Problem(path, "inactive_target", sentence, Severity.WARNING))
    return found


def check_closed_values(rule: Document, known: Known, path: str) -> list[Problem]:
    """Warn where a rule waits for a service that is switched off: nobody can ask for it any more."""
    closed: Mapping[str, frozenset[str]] = {"service": known.closed_services, "program": known.closed_services}
    node = read_condition(rule.get("when")).node if rule.get("is_active") is not False else None
    problems = []
    for test in tests_of(node) if node is not None else ():
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        off = sorted(str(value) for value in values if value in closed.get(test.field, ()))
        if off and test.op in (Operator.IS, Operator.IN):
            name = as_text(rule.get("id"), "This rule")
            sentence = f"{name} asks for {test.field.replace('_', ' ')} “{off[0]}”, which is switched off."
            problems.append(Problem(f"{path}/when", "inactive_value", sentence, Severity.WARNING))
    return problems
