"""What makes the routing rules look at a lead again: the triggers of a routing document, and which of them fire.

Two states of a lead are compared, as they were scored; the same change therefore fires once, however often one looks.
Its arrival routes every lead and needs no trigger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.policies.decisions.conditions import is_known
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import Known, Problem

_KEYS = frozenset({"id", "on", "meaning", "score", "at", "stages", "moves_worked", "is_active"})
HIGHEST = 1000
_NEVER_SUPPLIED = frozenset({"stage", "fit", "intent", "fit_band", "intent_band", "priority"})
Facts = Mapping[str, object]


class On(StrEnum):
    """What may be waited for (row RT-03)."""

    STAGE_CHANGED = "stage_changed"
    SCORE_CROSSED = "score_crossed"
    SERVICE_SELECTED = "service_selected"
    LOCATION_CHANGED = "location_changed"
    DATA_SUPPLIED = "data_supplied"


_WORDS = {
    On.SERVICE_SELECTED: "Another service was chosen",
    On.LOCATION_CHANGED: "Another location was chosen",
    On.STAGE_CHANGED: "The stage changed",
}


@dataclass(frozen=True, slots=True)
class Fired:
    """A trigger that fired: what happened in a sentence, and whether it may move a lead that somebody works on."""

    id: str
    sentence: str
    moves_worked: bool = False


def fired(document: Mapping[str, object], before: Facts, after: Facts, watched: frozenset[str]) -> tuple[Fired, ...]:
    """Return the triggers that fire between two states of a lead, in the order of the document.

    `watched` are the facts that rules look at: only these count as supplied. Never raises: what cannot be read does
    not fire.
    """
    found = []
    for row in active(document):
        sentence = _happened(row, before, after, watched)
        if sentence:
            found.append(Fired(as_text(row.get("id")), sentence, row.get("moves_worked") is True))
    return tuple(found)


def active(document: Mapping[str, object]) -> list[Document]:
    """Return the triggers of a routing document that are switched on."""
    rows = [as_document(each) for each in as_items(document.get("triggers"))]
    return [row for row in rows if row.get("is_active") is not False]


def listens_to(document: Mapping[str, object], on: On) -> bool:
    """Say whether any trigger waits for this."""
    return any(row.get("on") == on for row in active(document))


def check_triggers(document: Mapping[str, object], known: Known) -> list[Problem]:
    """Name everything wrong with the triggers of a routing document."""
    problems: list[Problem] = []
    ids = []
    for place, item in enumerate(as_items(document.get("triggers"))):
        row, path = as_document(item), f"/triggers/{place}"
        ids.append((f"{path}/id", as_text(row.get("id"))))
        problems += unknown_keys(row, _KEYS, path) + _check_row(row, known, path)
    return problems + duplicate_ids(ids)


def _happened(row: Document, before: Facts, after: Facts, watched: frozenset[str]) -> str:
    on = as_text(row.get("on"))
    if on == On.SCORE_CROSSED:
        return _crossed(row, before, after)
    if on == On.SERVICE_SELECTED:
        return _WORDS[On.SERVICE_SELECTED] if _differs("service", before, after) else ""
    if on == On.LOCATION_CHANGED:
        return _WORDS[On.LOCATION_CHANGED] if _differs("requested_location", before, after) else ""
    if on == On.STAGE_CHANGED:
        stages = as_texts(row.get("stages"))
        fits = not stages or after.get("stage") in stages
        return _WORDS[On.STAGE_CHANGED] if fits and _differs("stage", before, after) else ""
    if on == On.DATA_SUPPLIED:
        names = watched - _NEVER_SUPPLIED
        new = sorted(name for name in names if not is_known(before.get(name)) and is_known(after.get(name)))
        return f"Supplied since: {', '.join(each.replace('_', ' ') for each in new)}" if new else ""
    return ""


def _crossed(row: Document, before: Facts, after: Facts) -> str:
    part, at = as_text(row.get("score"), "fit"), as_whole(row.get("at"))
    was, now = as_whole(before.get(part)), as_whole(after.get(part))
    if was is None or now is None or was == now:
        return ""
    if at is None:
        bands = before.get(f"{part}_band"), after.get(f"{part}_band")
        return f"{part.capitalize()} {was} → {now}: another band" if bands[0] != bands[1] else ""
    return f"{part.capitalize()} {was} → {now} crossed {at}" if (was < at) != (now < at) else ""


def _differs(name: str, before: Facts, after: Facts) -> bool:
    return (before.get(name) or None) != (after.get(name) or None)


def _check_row(row: Document, known: Known, path: str) -> list[Problem]:
    problems = [
        Problem(f"{path}/{key}", f"{key}_missing", f"A trigger needs its {key}.")
        for key in ("id", "meaning")
        if not as_text(row.get(key))
    ]
    on = as_text(row.get("on"))
    if on == "created":
        sentence = "Every lead is routed when it is created; that needs no trigger."
        return [*problems, Problem(f"{path}/on", "needless", sentence)]
    if on not in set(On):
        return [*problems, Problem(f"{path}/on", "unknown_trigger", f"One of: {', '.join(On)}.")]
    if on == On.SCORE_CROSSED:
        problems += _check_score(row, path)
    problems += [
        Problem(f"{path}/{key}", "bad_value", f"“{key}” belongs to {owner}.")
        for key, owner in (("score", On.SCORE_CROSSED), ("at", On.SCORE_CROSSED), ("stages", On.STAGE_CHANGED))
        if key in row and on != owner
    ]
    problems += [
        Problem(f"{path}/stages", "unknown_stage", f"There is no stage “{each}”.")
        for each in as_texts(row.get("stages"))
        if each not in known.stages
    ]
    return problems + [
        Problem(f"{path}/{key}", "bad_value", f"“{key}” is true or false.")
        for key in ("moves_worked", "is_active")
        if key in row and not isinstance(row[key], bool)
    ]


def _check_score(row: Document, path: str) -> list[Problem]:
    problems = []
    if as_text(row.get("score")) not in ("fit", "intent"):
        problems.append(Problem(f"{path}/score", "bad_value", "Which score: fit or intent."))
    at = as_whole(row.get("at"))
    if "at" in row and (at is None or not 0 < at <= HIGHEST):
        problems.append(Problem(f"{path}/at", "bad_value", f"A whole number from 1 to {HIGHEST}."))
    return problems
