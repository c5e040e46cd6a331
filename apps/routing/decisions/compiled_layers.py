"""A routing document compiled once: the rules of each layer, the fallback, and the keys that it names."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.policies.decisions.compiled import CompiledRules, compile_rules, texts_in
from apps.policies.decisions.documents import Document, as_document, as_items, as_text
from apps.routing.terms import LAYERS


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """What `choose` walks. `named` are all texts of the document: the words for them are kept with a decision."""

    layers: Mapping[str, CompiledRules]
    fallback: Document
    has_layers: bool
    named: frozenset[str]


def compile_routing(document: Mapping[str, object]) -> RoutingRules:
    """Compile a routing document. Never raises: what cannot be read is kept as unreadable, or is empty."""
    layers = {key: compile_rules(rules) for key, rules in rules_by_layer(document).items()}
    return RoutingRules(layers, as_document(document.get("fallback")), "layers" in document, texts_in(document))


def rules_by_layer(document: Mapping[str, object]) -> dict[str, list[Document]]:
    """Return the active rules of each known layer, in order, each with an id."""
    found: dict[str, list[Document]] = {layer: [] for layer in LAYERS}
    for item in as_items(document.get("layers")):
        layer = as_document(item)
        key = as_text(layer.get("key"))
        if key not in found:
            continue
        for rule in map(as_document, as_items(layer.get("rules"))):
            if rule.get("is_active") is not False:
                rule_id = as_text(rule.get("id"), f"{key}-{len(found[key]) + 1}")
                found[key].append({**rule, "id": rule_id})
    return found
