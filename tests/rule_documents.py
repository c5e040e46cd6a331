"""The rules of a routing document by layer, as tests read and change them."""

from typing import Any

from apps.policies.decisions.documents import as_items
from apps.policies.decisions.places import find_place, put, value_at

LAYER = ("layers", "#", "rules")


def rules_of(document: dict[str, Any], layer: str) -> list[Any]:
    """Return the rules of a layer."""
    place = find_place(document, LAYER, ("layers", layer, "rules"))
    assert place is not None, layer
    return list(as_items(value_at(document, place)))


def put_rule(document: dict[str, Any], layer: str, number: int, rule: dict[str, Any]) -> dict[str, Any]:
    """Return the document with this rule at its place in a layer."""
    place = find_place(document, (*LAYER, "#"), ("layers", layer, "rules", str(number)))
    assert place is not None, (layer, number)
    return put(document, place, rule)
