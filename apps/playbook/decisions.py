"""What follows from the rules for each stage: what has happened when a lead is there, and which clocks run in it."""

from collections.abc import Iterable, Mapping, Sequence

from apps.leads.terms import ANY_OPEN_STAGE
from apps.playbook.terms import Move
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts
from apps.sla.terms import MET_BY, ClockKind

_SIZES = ((86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes"), (1, "second", "seconds"))


def moves_among(document: object, keys: Iterable[str]) -> tuple[Move, ...]:
    """Return the moves of a gates document that a pipeline with these stages has, in the document's order."""
    known, found = set(keys), []
    for item in as_items(as_document(document).get("moves")):
        row = as_document(item)
        starts = tuple(key for key in as_texts(row.get("from")) if key in known or key == ANY_OPEN_STAGE)
        if starts and as_text(row.get("to")) in known:
            found.append(Move(starts, as_text(row.get("to")), as_text(row.get("event")), as_text(row.get("meaning"))))
    return tuple(found)


def meanings_of(key: str, moves: Sequence[Move]) -> tuple[str, ...]:
    """Return what has happened when a lead is at a stage, each once."""
    return tuple(dict.fromkeys(each.meaning for each in moves if each.to == key and each.meaning))


def next_keys(key: str, moves: Sequence[Move], order: Sequence[str]) -> tuple[str, ...]:
    """Return the stages that come next by an event of their own; those open to every stage are left out."""
    found = {each.to for each in moves if key in each.starts}
    return tuple(each for each in order if each in found)


def clocks_in(key: str, moves: Sequence[Move], order: Sequence[str]) -> tuple[ClockKind, ...]:
    """Return the clocks that run while a lead is at a stage: what meets them moves it on from here.

    The acknowledgement runs at the first stage, before a person has done anything. Going back, as from a stage where
    leads rest, starts no clock.
    """
    place = {each: number for number, each in enumerate(order)}
    ahead = {each.event for each in moves if key in each.starts and place.get(each.to, -1) > place.get(key, 0)}
    found: list[ClockKind] = [
        kind for kind, events in MET_BY.items() if kind is not ClockKind.ACKNOWLEDGEMENT and events & ahead
    ]
    if order and key == order[0]:
        found.insert(0, ClockKind.ACKNOWLEDGEMENT)
    return tuple(found)


def side_keys(moves: Sequence[Move], stages: Mapping[str, bool]) -> frozenset[str]:
    """Return the stages beside the main way: those that end a lead or that every stage may lead to.

    `stages` says of each key whether leads there are open.
    """
    anywhere = {each.to for each in moves if ANY_OPEN_STAGE in each.starts}
    return frozenset(key for key, is_open in stages.items() if not is_open or key in anywhere)


def spoken_seconds(seconds: int) -> str:
    """Return a length in words: "5 minutes", "1 day", "90 seconds"; in the largest unit that fits exactly."""
    for size, one, many in _SIZES:
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {one if count == 1 else many}"
    return "at once"
