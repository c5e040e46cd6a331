"""A gates document compiled once: the moves by the stage they start from, and what each stage asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.leads.terms import ANY_OPEN_STAGE, Move, StageKey
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts

CLOSED_STAGES = frozenset({StageKey.CLOSED, StageKey.NOT_QUALIFIED})


@dataclass(frozen=True, slots=True)
class Gates:
    """The moves of a pipeline, each with its place, by the stage they start from; and the fields stages ask for."""

    moves: Mapping[str, tuple[tuple[int, Move], ...]]
    asked: Mapping[str, tuple[str, ...]]
    closed_stages: frozenset[str]
    collect: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def moves_from(self, stage: str) -> tuple[Move, ...]:
        """Return the moves that lead out of a stage, in the order of the document."""
        found = dict(self.moves.get(stage, ()))
        if stage not in self.closed_stages:
            found |= dict(self.moves.get(ANY_OPEN_STAGE, ()))
        return tuple(found[place] for place in sorted(found) if found[place].to_stage != stage)

    def collects(self, stage: str, name: str) -> bool:
        """Say whether a field may be asked for at a stage (row PH-10); a stage that lists nothing collects all."""
        return stage not in self.collect or name in self.collect[stage]

    @property
    def tells_others(self) -> bool:
        """Whether any move is told to an outside system."""
        return any(move.updates for found in self.moves.values() for _, move in found)

    def updates_of(self, from_stage: str, to_stage: str, event: str) -> tuple[str, ...]:
        """Return the outside systems that hear of a move, each once."""
        starts = (from_stage, ANY_OPEN_STAGE)
        found = [move for start in starts for _, move in self.moves.get(start, ())]
        named = (key for move in found if (move.to_stage, move.event) == (to_stage, event) for key in move.updates)
        return tuple(dict.fromkeys(named))


def compile_gates(document: Mapping[str, object]) -> Gates:
    """Compile a gates document. Never raises: a move without target or event is none."""
    moves: dict[str, list[tuple[int, Move]]] = {}
    for place, row in enumerate(map(as_document, as_items(document.get("moves")))):
        to_stage, event = as_text(row.get("to")), as_text(row.get("event"))
        if not to_stage or not event:
            continue
        updates = as_texts(row.get("updates"))
        move = Move(as_texts(row.get("from")), to_stage, event, as_text(row.get("meaning")), updates)
        for start in dict.fromkeys(move.from_stages):
            moves.setdefault(start, []).append((place, move))
    return Gates(
        {start: tuple(found) for start, found in moves.items()},
        {stage: as_texts(names) for stage, names in as_document(document.get("gates")).items()},
        frozenset(as_texts(document.get("closed_stages"))) or frozenset(map(str, CLOSED_STAGES)),
        {stage: as_texts(names) for stage, names in as_document(document.get("collect")).items()},
    )
