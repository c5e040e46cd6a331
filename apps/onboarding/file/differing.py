"""Comparing a tenant file with the tenant: what applying would change, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.onboarding.file.exporting import normalised, row_key
from apps.onboarding.file.references import NAMED_BY
from apps.onboarding.file.schema import TenantFile
from apps.onboarding.file.sections.texts import template_key
from apps.onboarding.starter.adding import starter_templates

_WORDS = {**{name: word for name, (_, word) in NAMED_BY.items()}, "wordings": "wording", "templates": "template"}
SHOWN = 60


def differences(there: TenantFile | None, file: TenantFile) -> list[str]:
    """Return one line per row that would come (+), go (-) or change (~); sections left out stay."""
    new, old = normalised(file), normalised(there) if there else {}
    lines: list[str] = []
    for section in TenantFile.model_fields:
        if getattr(file, section) is None or section == "starter_templates":
            continue
        after, before = new.get(section, []), old.get(section, [])
        if section == "templates" and file.starter_templates == "approved":
            before = _without_starter(before, after)
        if section == "organization":
            lines += _organization(before or None, after)
        elif section == "rules":
            lines += _rules(before or {}, after or {})
        else:
            lines += _rows(section, before, after)
    return lines


def _without_starter(before: list[Any], after: list[Any]) -> list[Any]:
    """Leave out the templates that ship, which the file asks for by a word: they are no rows too many."""
    named = {row_key("templates", row) for row in after}
    ships = {template_key(part) for part in starter_templates()} - named
    return [row for row in before if row_key("templates", row) not in ships]


def _organization(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Iterator[str]:
    if before is None:
        yield f"+ organization {after['slug']}"
        return
    if said := _changes(before, after):
        yield f"~ organization {after['slug']}: {said}"


def _rows(section: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    word = _WORDS[section]
    old = {row_key(section, row): row for row in before}
    new = {row_key(section, row): row for row in after}
    for key, row in new.items():
        if key not in old:
            yield f"+ {word} {key}"
            continue
        held = dict(old[key])
        if section == "people" and "availability" not in row:
            held.pop("availability", None)
        if said := _changes(held, row):
            yield f"~ {word} {key}: {said}"
    yield from (f"- {word} {key}" for key in old if key not in new)


def _rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for kind, document in after.items():
        if kind not in before:
            yield f"+ rules {kind}"
        elif said := ", ".join(_compare(before[kind], document)):
            yield f"~ rules {kind}: {said}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    said = []
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old != new:
            said.append(f"{name.replace('_', ' ')} {_spoken(old)} → {_spoken(new)}")
    return ", ".join(said)


def _spoken(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = " ".join(value) or "nothing"
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _compare(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Say what differs between two documents; a rule that comes or goes is named, not spelt out."""
    old, new = _children(before), _children(after)
    if old is None or new is None:
        if before != after:
            yield f"{path} {_spoken(before)} → {_spoken(after)}"
        return
    for name in [*new, *(name for name in old if name not in new)]:
        place = f"{path}.{name}" if path else name
        if name in old and name in new:
            yield from _compare(old[name], new[name], place)
        else:
            yield f"{'+' if name in new else '-'} {place}"


def _children(value: Any) -> dict[str, Any] | None:
    """Return a document's parts by name; rows with an id, key or stage are known by it, not by number."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return {_name(each, place): each for place, each in enumerate(value)}
    return None


def _name(row: Any, place: int) -> str:
    if isinstance(row, dict):
        for name in ("id", "key", "stage"):
            if isinstance(row.get(name), str):
                return str(row[name])
    return str(place + 1)
