"""Changing one rule of a routing document: put, moved up or down. Everything else stays as it is."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.routing.terms import LAYERS


def rules_of(document: Mapping[str, object], layer: str) -> list[dict[str, Any]]:
    """Return the rules of a layer as they stand, switched off ones included."""
    for item in as_items(document.get("layers")):
        found = as_document(item)
        if found.get("key") == layer:
            return [dict(as_document(rule)) for rule in as_items(found.get("rules"))]
    return []


def put_rule(document: Mapping[str, object], layer: str, number: int, rule: Mapping[str, object]) -> dict[str, Any]:
    """Return the document with this rule at its place; a number past the end adds it."""
    rules = rules_of(document, layer)
    return _with_rules(document, layer, [*rules[:number], dict(rule), *rules[number + 1 :]])


def move_rule(document: Mapping[str, object], layer: str, number: int, by: int) -> dict[str, Any]:
    """Return the document with a rule one place up (-1) or down (1); at the end of its layer it stays."""
    rules = rules_of(document, layer)
    to = number + by
    if 0 <= number < len(rules) and 0 <= to < len(rules):
        rules[number], rules[to] = rules[to], rules[number]
    return _with_rules(document, layer, rules)


def free_id(document: Mapping[str, object]) -> str:
    """Return an id that no rule has yet: R-90 after R-89."""
    ids = {as_text(rule.get("id")) for layer in LAYERS for rule in rules_of(document, layer)}
    numbers = [int(each[2:]) for each in ids if each.startswith("R-") and each[2:].isdecimal()]
    return f"R-{max(numbers, default=0) + 1:02d}"


def _with_rules(document: Mapping[str, object], layer: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Put a layer's rules back; a layer that was not there takes its place in the fixed order."""
    changed = deepcopy(dict(document))
    layers = [dict(as_document(item)) for item in as_items(changed.get("layers"))]
    for item in layers:
        if item.get("key") == layer:
            item["rules"] = rules
            break
    else:
        layers.append({"key": layer, "name": LAYERS[layer], "rules": rules})
        order = list(LAYERS)
        layers.sort(key=lambda item: order.index(str(item["key"])) if item.get("key") in LAYERS else len(order))
    return {**changed, "layers": layers}
