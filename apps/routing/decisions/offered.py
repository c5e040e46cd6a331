"""A rule that names an office for a service: does that office offer it (row RT-19)."""

from collections.abc import Mapping, Sequence

from apps.policies.decisions.demands import Box, boxes
from apps.policies.decisions.documents import Document, as_document, as_text
from apps.policies.decisions.reading import read_condition
from apps.policies.decisions.sentences import listed
from apps.policies.decisions.words import plain_text
from apps.policies.terms import FieldSpec, Known, Problem, Severity
from apps.routing.terms import Effect

#: The fields that hold a service's key.
_NAMING = ("service", "program")


def check_offer(rule: Document, fields: Mapping[str, FieldSpec], known: Known, path: str) -> list[Problem]:
    """Name the services that a rule sends to an office which does not offer them: no office would be chosen.

    It blocks an approval where the rule holds for such services alone; where it holds for others too, it is a warning.
    """
    office = as_text(as_document(rule.get("then")).get(Effect.OFFICE))
    if known.offers is None or office not in known.locations or rule.get("is_active") is False:
        return []
    node = read_condition(rule.get("when")).node
    ways = boxes(node, fields) if node is not None else None
    asked = [_services(box, known) for box in ways or ()]
    named = sorted(set().union(*asked))
    missing = [each for each in named if f"{office}:{each}" not in known.offers]
    if not missing:
        return []
    is_all = missing == named and all(asked)
    sentence = f"{as_text(rule.get('id'), 'This rule')} names the office “{office}”, which does not offer "
    sentence += f"{listed(missing, 'or')}: no office would be chosen. {_instead(missing, known)}"
    severity = Severity.BLOCKS if is_all else Severity.WARNING
    return [Problem(f"{path}/then/{Effect.OFFICE}", "not_offered", sentence, severity)]


def _services(box: Box, known: Known) -> set[str]:
    """Return the services one of which a way of holding asks for; none where it holds for any."""
    keys = {plain_text(key): key for key in known.services}
    demands = [box[name].only for name in _NAMING if name in box]
    values = [{str(value) for _, value in only} for only in demands if only]
    return {keys[each] for each in set.intersection(*values) if each in keys} if values else set()


def _instead(missing: Sequence[str], known: Known) -> str:
    others = sorted(each for each in known.locations if any(f"{each}:{one}" in (known.offers or ()) for one in missing))
    return f"It is offered at: {', '.join(others)}." if others else "No office offers it."
