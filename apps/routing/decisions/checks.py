"""Checking a routing document before it is saved."""

from collections.abc import Mapping

from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.decisions.lint import Wins, lint, lint_stops, read_rules
from apps.policies.decisions.rules import check_rule
from apps.policies.decisions.shelves import Ruled
from apps.policies.decisions.targets import check_closed_values, check_queue
from apps.policies.terms import FieldSpec, Known, Problem, Severity
from apps.routing.decisions.effects import value_of
from apps.routing.decisions.offered import check_offer
from apps.routing.decisions.providers import MOST_DAYS, days_in
from apps.routing.decisions.triggers import check_triggers
from apps.routing.terms import LAST_LAYER, LAYERS, PRIORITIES, Effect, Method, OfficeMode

_TOP = frozenset({"layers", "fallback", "triggers"})
_LAYER = frozenset({"key", "name", "rules"})
_RULE = frozenset({"id", "name", "meaning", "when", "then", "stop", "is_active"})
_EFFECTS = frozenset(effect.value for effect in Effect)
#: Facts that rules change on the way: a later layer sees other values in them.
_CHANGED = frozenset({"priority", "workflow", "location"})
#: More rules than this that set a priority are more than anybody can keep in order.
MOST_PRIORITY_RULES = 7


def check_document(document: Mapping[str, object], fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a routing document.

    Errors: layers unknown or out of order, rules without id, meaning, condition or effect, values that no
    effect takes. Blocking: targets that the catalog does not have, or that are closed. Warnings: no fallback, too
    many priorities, and what is odd about the rules among themselves (`lint`).
    """
    problems = unknown_keys(document, _TOP, "")
    ids: list[tuple[str, str]] = []
    seen: list[str] = []
    walk: list[list[Ruled]] = []
    for place, item in enumerate(as_items(document.get("layers"))):
        path, layer = f"/layers/{place}", as_document(item)
        problems += unknown_keys(layer, _LAYER, path) + _check_layer_key(layer, seen, path)
        rules = [as_document(rule) for rule in as_items(layer.get("rules"))]
        for number, rule in enumerate(rules):
            where = f"{path}/rules/{number}"
            ids.append((f"{where}/id", as_text(rule.get("id"))))
            problems += unknown_keys(rule, _RULE, where) + check_rule(rule, fields, where)
            problems += _check_flags(rule, where) + _check_effects(rule, known, f"{where}/then")
            problems += check_closed_values(rule, known, where)
            problems += check_offer(rule, fields, known, where)
        found = read_rules(rules, f"{path}/rules", fields, does="then")
        problems += lint(found, fields, Wins.FIRST, f"{path}/rules")
        if layer.get("key") != LAST_LAYER:
            walk.append(found)
    problems += lint_stops(walk, _CHANGED) + _check_priorities(document)
    return problems + duplicate_ids(ids) + _check_fallback(document, known) + check_triggers(document, known)


def _check_layer_key(layer: Document, seen: list[str], path: str) -> list[Problem]:
    key, order = as_text(layer.get("key")), list(LAYERS)
    if key not in LAYERS:
        return [Problem(f"{path}/key", "unknown_layer", f"A layer is one of: {', '.join(order)}.")]
    if seen and order.index(key) <= order.index(seen[-1]):
        sentence = f"{LAYERS[key]} must stand once, in this order: {', '.join(LAYERS.values())}."
        return [Problem(f"{path}/key", "layer_order", sentence)]
    seen.append(key)
    return []


def _check_flags(rule: Document, path: str) -> list[Problem]:
    return [
        Problem(f"{path}/{key}", "bad_value", f"“{key}” is true or false.")
        for key in ("stop", "is_active")
        if key in rule and not isinstance(rule[key], bool)
    ]


def _check_effects(rule: Document, known: Known, path: str) -> list[Problem]:
    then = as_document(rule.get("then"))
    if not then:
        return [Problem(path, "effect_missing", "Say what this rule does.")]
    problems = unknown_keys(then, _EFFECTS, path)
    for effect in Effect:
        if effect in then:
            problems += _check_effect(effect, value_of(then, effect), known, f"{path}/{effect}")
    return problems


def _check_effect(effect: Effect, value: str, known: Known, path: str) -> list[Problem]:
    if not value:
        return [Problem(path, "bad_value", f"“{effect}” needs a value.")]
    if effect is Effect.PRIORITY and value not in PRIORITIES:
        return [Problem(path, "bad_value", f"A priority is one of {', '.join(PRIORITIES)}.")]
    if effect is Effect.METHOD and value not in set(Method):
        return [Problem(path, "bad_value", f"A method is one of {', '.join(Method)}.")]
    if effect is Effect.SKILL and known.skills is not None and value.casefold() not in known.skills:
        return [_warning(path, "unknown_skill", f"Nobody has the skill “{value}”: whoever is next gets the lead.")]
    if effect is Effect.EXPERTISE and known.expertise is not None and value.casefold() not in known.expertise:
        sentence = (
            f"No provider has the skill “{value}”: no office would fit, and another rule or the fallback decides."
        )
        return [_warning(path, "unknown_skill", sentence)]
    if effect is Effect.SLOT_WITHIN and days_in(value) is None:
        return [Problem(path, "bad_value", f"The days for a slot are a whole number from 1 to {MOST_DAYS}.")]
    if effect is Effect.QUEUE:
        return check_queue(value, known, path)
    if effect is Effect.OFFICE and value not in set(OfficeMode):
        if value not in known.locations:
            return [_blocking(path, "unknown_office", f"There is no office “{value}”.")]
        if value in known.closed_locations:
            return [_blocking(path, "inactive_target", f"The office “{value}” is closed.")]
    if effect is Effect.QUEUE_TAG and known.tags is not None and value not in known.tags:
        return [_blocking(path, "unknown_tag", f"No queue carries the tag “{value}”.")]
    return []


def _check_priorities(document: Mapping[str, object]) -> list[Problem]:
    """Warn where so many rules set a priority that it says little: when everything is urgent, nothing is."""
    setting = [
        as_text(rule.get("id"))
        for item in as_items(document.get("layers"))
        for rule in map(as_document, as_items(as_document(item).get("rules")))
        if rule.get("is_active") is not False and Effect.PRIORITY in as_document(rule.get("then"))
    ]
    if len(setting) <= MOST_PRIORITY_RULES:
        return []
    sentence = (
        f"{len(setting)} rules set a priority ({', '.join(setting[:3])} and {len(setting) - 3} more); "
        f"aim for {MOST_PRIORITY_RULES}. When everything is urgent, nothing is."
    )
    return [_warning("/layers", "too_many_priorities", sentence)]


def _check_fallback(document: Mapping[str, object], known: Known) -> list[Problem]:
    fallback = as_document(document.get("fallback"))
    queue = as_text(fallback.get("queue"))
    if not queue:
        sentence = "Name a fallback queue, or leads that no rule fits go to the first active queue."
        return [_warning("/fallback", "no_fallback", sentence)]
    problems = unknown_keys(fallback, frozenset({"queue", "max_wait_seconds"}), "/fallback")
    problems += check_queue(queue, known, "/fallback/queue")
    wait = as_whole(fallback.get("max_wait_seconds"))
    if "max_wait_seconds" in fallback and (wait is None or wait <= 0):
        sentence = "The longest wait is a whole number of seconds above 0."
        problems.append(Problem("/fallback/max_wait_seconds", "bad_value", sentence))
    return problems


def _warning(path: str, code: str, sentence: str) -> Problem:
    return Problem(path, code, sentence, Severity.WARNING)


def _blocking(path: str, code: str, sentence: str) -> Problem:
    return Problem(path, code, sentence, Severity.BLOCKS)
