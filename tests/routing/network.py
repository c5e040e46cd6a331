"""A small network for the routing tests: three offices near Chicago and their queues."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from apps.routing.terms import Network, Office, Place, QueueFact

OAK = Office("oak-park", "Oak Park", 41.885, -87.784, frozenset({"derm", "ortho"}), True)
ELM = Office("elmwood", "Elmwood", 41.921, -87.809, frozenset({"imaging", "ortho"}), True)
EVANSTON = Office("evanston", "Evanston", 42.045, -87.688, frozenset({"cosmetic"}), True)
ZIP_60302 = Place(41.8949, -87.7897)
OPENS_AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)

Rule = dict[str, object]


def queue(key: str, name: str, location: str | None = None, tag: str = "calls") -> QueueFact:
    return QueueFact(key, name, f"team-{key}", location, tag, "round_robin", True, True, None, None, 900)


QUEUES = (
    queue("general-intake", "General Intake", None, ""),
    queue("oak-calls", "Oak Calls", "oak-park"),
    queue("oak-recall", "Oak Recall", "oak-park", "recall"),
    queue("elm-calls", "Elm Calls", "elmwood"),
    queue("night", "After-hours Intake", None, "night"),
    queue("screening", "Screening", None, "screening"),
)


def network(place: Place | None = ZIP_60302, **changes: Mapping[str, object]) -> Network:
    """Return the network; `oak_calls={"is_open": False}` changes one queue."""
    queues = tuple(replace(q, **changes.get(q.key.replace("-", "_"), {})) for q in QUEUES)  # type: ignore[arg-type]
    return Network((OAK, ELM, EVANSTON), queues, place)


def rule(rule_id: str, when: object, then: Rule, **more: object) -> Rule:
    return {
        "id": rule_id,
        "name": f"Rule {rule_id}",
        "meaning": "For a test",
        "when": when,
        "then": then,
        **more,
    }


def is_(field: str, value: object) -> Rule:
    return {"field": field, "op": "is", "value": value}


ALWAYS: Rule = {"always": True}


def document(fallback: str = "general-intake", **layers: list[Rule]) -> Rule:
    return {
        "layers": [{"key": key, "name": key, "rules": rules} for key, rules in layers.items()],
        "fallback": {"queue": fallback, "max_wait_seconds": 1800},
    }
