"""Places in a rule document, by JSON pointer (RFC 6901): found by a pattern, read, put, moved and taken out.

A pattern says what each step is: a name, "#" for a place in a list ("-" is the one past its end), "*" for any key.
A place in a list may be named by the `key` of what lies there too.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from apps.policies.decisions.documents import as_document, as_items, as_text

LISTED, ANY_KEY, PAST_THE_END = "#", "*", "-"
Pattern = tuple[str, ...]
Step = str | int
Place = tuple[Step, ...]


def steps_of(pointer: str) -> tuple[str, ...]:
    """Return the steps of a pointer; none where it names the whole document."""
    parts = pointer.split("/")[1:] if pointer.startswith("/") else []
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def pointer_of(place: Sequence[Step]) -> str:
    """Return a place as a pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def find_place(document: Mapping[str, object], pattern: Pattern, steps: Sequence[str]) -> Place | None:
    """Return the place that steps name, or None where they do not fit the pattern or the document.

    What is missing below the place past the end of a list, or below a key, is a place that can be put.
    """
    if len(steps) != len(pattern):
        return None
    found: list[Step] = []
    here: object = document
    for wanted, step in zip(pattern, steps, strict=True):
        known: Step | None = step if wanted in (step, ANY_KEY) else None
        if wanted == LISTED:
            known = _number(as_items(here), step)
        if known is None:
            return None
        found.append(known)
        here = _below(here, known)
    return tuple(found)


def value_at(document: Mapping[str, object], place: Place) -> object:
    """Return what lies at a place; None where nothing does."""
    here: object = document
    for step in place:
        here = _below(here, step)
    return here


def put(document: Mapping[str, object], place: Place, value: object) -> dict[str, Any]:
    """Return the document with this value at a place; a number past the end of a list adds it."""
    changed = _with(dict(document), place, value)
    return dict(changed) if isinstance(changed, Mapping) else {}


def taken_out(document: Mapping[str, object], place: Place) -> dict[str, Any]:
    """Return the document without what lies at a place in a list."""
    return _relisted(document, place, lambda items, number: [*items[:number], *items[number + 1 :]])


def moved(document: Mapping[str, object], place: Place, by: int) -> dict[str, Any]:
    """Return the document with an entry of a list one place up (-1) or down (1); at the end of its list it stays."""

    def swap(items: list[Any], number: int) -> list[Any]:
        to = number + by
        if 0 <= to < len(items):
            items[number], items[to] = items[to], items[number]
        return items

    return _relisted(document, place, swap)


def free_id(ids: Sequence[str], start: str) -> str:
    """Return an id that none has yet: R-90 after R-89, and two digits where the others have them."""
    tails = [each[len(start) :] for each in ids if each.startswith(start) and each[len(start) :].isdecimal()]
    width = min(map(len, tails), default=1)
    return f"{start}{max(map(int, tails), default=0) + 1:0{width}d}"


def _number(items: Sequence[object], step: str) -> int | None:
    if step == PAST_THE_END:
        return len(items)
    if step.isdecimal() and len(step) < 6:
        return int(step) if int(step) < len(items) else None
    keys = [as_text(as_document(item).get("key")) for item in items]
    return keys.index(step) if step in keys else None


def _below(here: object, step: Step) -> object:
    if isinstance(step, int):
        items = as_items(here)
        return items[step] if step < len(items) else None
    return as_document(here).get(step)


def _with(here: object, place: Place, value: object) -> object:
    if not place:
        return value
    step, rest = place[0], place[1:]
    below = _with(_below(here, step), rest, value)
    if isinstance(step, int):
        items = list(as_items(here))
        return [*items[:step], below, *items[step + 1 :]]
    return {**as_document(here), step: below}


def _relisted(document: Mapping[str, object], place: Place, change: Any) -> dict[str, Any]:
    number, items = place[-1], list(as_items(value_at(document, place[:-1])))
    if not isinstance(number, int) or not 0 <= number < len(items):
        return deepcopy(dict(document))
    return put(document, place[:-1], change(items, number))
