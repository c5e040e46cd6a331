"""A routing document as a ladder of layers: each rule a sentence in chips, with what is wrong beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.catalog.queries import queues_by_key
from apps.policies.decisions.changes import Sentence
from apps.policies.decisions.chips import Piece, pieces
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.decisions.sentences import value_label
from apps.policies.models import RuleFault
from apps.policies.terms import FieldSpec, Labels, Problem

_EFFECTS = {
    "priority": "set priority",
    "workflow": "start workflow",
    "expertise": "by a provider with the skill",
    "slot_within": "with an open slot within days:",
    "office": "choose office",
    "queue": "send to",
    "queue_tag": "send to the office's queue for",
    "skill": "to somebody with the skill",
    "method": "hand out",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One rule. `number` is its place in the layer."""

    number: int
    rule_id: str
    name: str
    meaning: str
    condition: tuple[Piece, ...]
    effects: tuple[Piece, ...]
    is_active: bool
    problems: tuple[Problem, ...]
    is_first: bool
    is_last: bool
    hits: int | None
    faults: tuple[RuleFault, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer with its rules, in the order in which they are asked."""

    key: str
    name: str
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The whole document; `problems` are those that belong to no rule."""

    layers: tuple[Layer, ...]
    fallback: str
    problems: tuple[Problem, ...]
    faults: tuple[RuleFault, ...]
    triggers: tuple[str, ...] = ()


def ladder(
    document: Mapping[str, object],
    fields: Mapping[str, FieldSpec],
    labels: Labels,
    problems: Sequence[Problem],
    hits: Mapping[str, int] | None = None,
    faults: Sequence[RuleFault] = (),
) -> Ladder:
    """Return a routing document for people: sentences, effects, hits, and each problem and fault at its rule.

    What is shown as a fault, with its time, is not said again as a problem.
    """
    broken = {(each.path, each.code) for each in faults}
    problems = [each for each in problems if (each.path, each.code) not in broken]
    words = _with_targets(labels)
    layers = []
    placed: list[Problem] = []
    for place, item in enumerate(as_items(document.get("layers"))):
        layer = as_document(item)
        rules = [as_document(rule) for rule in as_items(layer.get("rules"))]
        rungs = []
        for number, rule in enumerate(rules):
            path = f"/layers/{place}/rules/{number}"
            own = tuple(each for each in problems if each.path == path or each.path.startswith(f"{path}/"))
            placed += own
            rungs.append(
                Rung(
                    number,
                    as_text(rule.get("id")),
                    as_text(rule.get("name")),
                    as_text(rule.get("meaning")),
                    pieces(rule.get("when"), fields, labels),
                    effect_pieces(rule, words),
                    rule.get("is_active") is not False,
                    own,
                    number == 0,
                    number == len(rules) - 1,
                    None if hits is None else hits.get(as_text(rule.get("id")), 0),
                    tuple(each for each in faults if f"{each.path}/".startswith(f"{path}/")),
                )
            )
        layers.append(Layer(as_text(layer.get("key")), as_text(layer.get("name")), tuple(rungs)))
    fallback = as_text(as_document(document.get("fallback")).get("queue"))
    rest = tuple(each for each in problems if each not in placed)
    elsewhere = tuple(each for each in faults if not each.path.startswith("/layers/"))
    triggers = tuple(trigger_in_words(as_document(each)) for each in as_items(document.get("triggers")))
    return Ladder(tuple(layers), words["queue"].get(fallback, fallback), rest, elsewhere, triggers)


def sentences(found: Ladder) -> list[Sentence]:
    """Return the ladder as lines to compare: each rule's name, its sentence, its meaning, whether it is off."""
    lines = []
    for layer in found.layers:
        for rung in layer.rungs:
            off = " (switched off)" if not rung.is_active else ""
            lines.append(Sentence(f"{layer.name} · {rung.rule_id} {rung.name}{off}", True))
            effects = _joined(rung.effects)
            lines.append(Sentence(f"When {_joined(rung.condition)} → {effects}"))
            lines.append(Sentence(rung.meaning))
    lines += [Sentence("Fallback", True), Sentence(f"When no rule names a queue → send to {found.fallback}")]
    return [*lines, *([Sentence("Looked at again", True)] if found.triggers else []), *map(Sentence, found.triggers)]


def trigger_in_words(row: Mapping[str, object]) -> str:
    """Return a trigger as a sentence: "T-1: fit crosses 70. High fit is called by tele-sales."."""
    on, score, at = as_text(row.get("on")), as_text(row.get("score")), row.get("at")
    what = f"{score} crosses {at}" if at else f"{score} reaches another band" if score else on.replace("_", " ")
    stages = ", ".join(str(each).replace("_", " ") for each in as_items(row.get("stages")))
    more = f" ({stages})" if stages else ""
    moves = " Moves a lead that somebody works on too." if row.get("moves_worked") is True else ""
    off = " Switched off." if row.get("is_active") is False else ""
    return f"{as_text(row.get('id'))}: {what}{more}. {as_text(row.get('meaning'))}{moves}{off}"


def rule_in_words(rule: Mapping[str, object], fields: Mapping[str, FieldSpec], labels: Labels) -> str:
    """Return a rule as a sentence: "When Service is Imaging → send to Elm Calls"."""
    condition = _joined(pieces(rule.get("when"), fields, labels))
    return f"When {condition} → {_joined(effect_pieces(rule, _with_targets(labels))) or 'nothing yet'}"


def _with_targets(labels: Labels) -> Labels:
    names = {key: row.name for key, row in queues_by_key().items()}
    return {**labels, "queue": names, "office": labels.get("location", {})}


def _joined(parts: Sequence[Piece]) -> str:
    return " ".join(part.text for part in parts).replace(" ,", ",").replace("( ", "(").replace(" )", ")")


def effect_pieces(rule: Mapping[str, object], words: Labels) -> tuple[Piece, ...]:
    """Return what a rule does as pieces: "send to [Nurse line], set priority [P1], then stop"."""
    found: list[Piece] = []
    then = as_document(rule.get("then"))
    for key, verb in _EFFECTS.items():
        if key in then:
            lead = f", {verb}" if found else verb
            found += [Piece(lead), Piece(value_label(key, then[key], words), True)]
    if rule.get("stop") is True:
        found.append(Piece(", then stop" if found else "stop"))
    return tuple(found)
