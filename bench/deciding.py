"""What deciding costs: processor time of routing, scoring and gates per lead, with 50, 500 and 5,000 rules in force.

Facts and rules are made up, and nothing is read or written: what is measured is the decisions alone, beside a floor in
the same run, which is one rule of the same kind. The clock is the process's own, so that other load does not count.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.leads.decisions import may_move
from apps.leads.gates import Gates, compile_gates
from apps.qualification.decisions import Scorecard, compile_scorecard, score
from apps.routing.decisions.choosing import choose
from apps.routing.decisions.compiled_layers import compile_routing
from apps.routing.terms import LAYERS
from tests.routing.network import network

SIZES, FLOOR_RULES, LEADS, ROUNDS = (50, 500, 5000), 1, 400, 3
SERVICES, CAMPAIGNS = 20, 50


@dataclass(frozen=True, slots=True)
class DecidingFigure:
    """So many rules in force: milliseconds of CPU per lead, of which routing, and to compile the rules once."""

    rules: int
    lead_ms: float
    routing_ms: float
    compile_ms: float


@dataclass(frozen=True, slots=True)
class DecidingFigures:
    """All sizes, with the floor of the same run."""

    floor_ms: float
    sizes: tuple[DecidingFigure, ...]

    @property
    def exponent(self) -> float:
        """How the cost grows from the smallest to the largest set; 1 is in proportion to the rules."""
        first, last = self.sizes[0], self.sizes[-1]
        return math.log(last.lead_ms / first.lead_ms) / math.log(last.rules / first.rules)


def measure() -> DecidingFigures:
    """Decide the same leads under each set of rules, the best of some rounds."""
    return DecidingFigures(_figure(FLOOR_RULES).lead_ms, tuple(_figure(each) for each in SIZES))


def rules_of(count: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return so many rules in all as a large tenant has them: two fifths routes, two fifths scores, one fifth moves."""
    routes, points, moves = max(1, count * 2 // 5), max(1, count * 2 // 5), max(1, count // 5)
    layers: dict[str, list[dict[str, Any]]] = {key: [] for key in LAYERS}
    for number in range(routes):
        queue = {"queue": ("oak-calls", "elm-calls", "screening")[number % 3]}
        layers[list(LAYERS)[number % len(LAYERS)]].append(_rule(number, then=queue))
    card = {"base": 10, "bands": [{"at_least": 0, "key": "all", "name": "All"}]}
    scores = [_rule(number, points=1 + number % 5) for number in range(points)]
    stages = [f"stage-{number}" for number in range(max(2, moves // 10))]
    steps = [
        {"from": [stages[n % len(stages)]], "to": stages[(n + 1 + n // len(stages)) % len(stages)]}
        | {"event": "note", "meaning": "A step of the pipeline."}
        for n in range(moves)
    ]
    return (
        {"layers": [{"key": key, "rules": found} for key, found in layers.items()], "fallback": {"queue": "night"}},
        {"fit": card | {"rules": scores[::2]}, "intent": card | {"rules": scores[1::2]}},
        {"moves": steps, "gates": {stage: ["service", "payer"] for stage in stages}},
    )


def _rule(number: int, **more: Any) -> dict[str, Any]:
    """Return a rule of one of five kinds: by campaign and service, by ZIP, by a word, by a number, by two of them."""
    service = {"field": "service", "op": "is", "value": f"service-{number % SERVICES}"}
    kinds: tuple[dict[str, Any], ...] = (
        {"field": "campaign", "op": "in", "value": [f"campaign-{number % CAMPAIGNS}", f"campaign-{number % 49}"]},
        {"field": "postal_code", "op": "starts_with", "value": str(600 + number % 90)},
        {"field": "message_words", "op": "contains_word", "value": [f"word{number % 200}"]},
        _at_least("fit", number % 100),
        {"any": [{"field": "timeframe", "op": "is", "value": "within_24h"}, _at_least("age", 60)]},
    )
    when = {"all": [service, kinds[number % 5], kinds[(number + 1) % 5]]}
    return {"id": f"R-{number}", "name": f"Rule {number}", "meaning": "As marketing asked", "when": when, **more}


def _at_least(field: str, value: int) -> dict[str, Any]:
    return {"field": field, "op": "at_least", "value": value}


def facts_of(number: int) -> dict[str, Any]:
    """Return what is known of lead number n."""
    return {
        "service": f"service-{number % SERVICES}",
        "campaign": f"campaign-{number % CAMPAIGNS}",
        "postal_code": f"60{number % 1000:03}",
        "message_words": f"hello i have a question about word{number % 200} and my knee since last winter",
        "fit": number % 100,
        "timeframe": ("within_24h", "month", None)[number % 3],
        "age": 20 + number % 70,
        "payer": "Acme",
    }


def _figure(count: int) -> DecidingFigure:
    documents = rules_of(count)
    began = time.process_time()
    rules, card, gates = compile_routing(documents[0]), compile_scorecard(documents[1]), compile_gates(documents[2])
    compiled = 1000 * (time.process_time() - began)
    leads, world = [facts_of(number) for number in range(LEADS)], network()
    routing = _best(lambda: [choose(facts, rules, world) for facts in leads])
    return DecidingFigure(count, routing + _best(lambda: _others(leads, card, gates)), routing, compiled)


def _others(leads: list[dict[str, Any]], card: Scorecard, gates: Gates) -> None:
    for facts in leads:
        score(facts, card)
        may_move(from_stage="stage-0", to_stage="stage-1", events={"note"}, facts=facts, document=gates)


def _best(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        taken.append(1000 * (time.process_time() - began) / LEADS)
    return min(taken)
