"""Inputs that hold others: parts that belong together, and lists that grow and shrink by buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from apps.flows.admin.rules.inputs import Drawing, Drawn, Input, Said
from apps.policies.decisions.documents import as_document, as_items


class Entry(dict[str, object]):
    """An entry of a list that was read from a form; `was` is its place in the document, "" if it is new."""

    was = ""


def read_parts(inputs: Sequence[Input], said: Said, before: Mapping[str, object], prefix: str) -> dict[str, object]:
    """Return an object as the form describes it; parts that the form does not show stay as they were."""
    found = dict(before)
    for each in inputs:
        value = each.read(said, f"{prefix}{each.name}", before.get(each.name))
        if value is None:
            found.pop(each.name, None)
        else:
            found[each.name] = value
    return found


def draw_parts(
    inputs: Sequence[Input], page: Drawing, value: Mapping[str, object], prefix: str, pointer: str
) -> list[Drawn]:
    """Return the inputs of an object, each with its value."""
    return [each.draw(page, f"{prefix}{each.name}", f"{pointer}/{each.name}", value.get(each.name)) for each in inputs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Input):
    """An object within an object."""

    inputs: Sequence[Input]
    is_wide: bool = True
    widget: ClassVar[str] = "group"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return the object; None where nothing is in it."""
        return read_parts(self.inputs, said, as_document(before), f"{name}-") or None

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return its inputs; a problem that none of them takes stands at the object."""
        parts = draw_parts(self.inputs, page, as_document(value), f"{name}-", pointer)
        return self._drawn(page, name, pointer, parts=parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Input):
    """A list of one kind of entry. A new one is added, and one is removed, by a button; neither saves."""

    item: Input
    noun: str
    is_wide: bool = True
    widget: ClassVar[str] = "list"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return the entries without the empty ones; what an entry does not show stays as it was."""
        old, number = as_items(before), -1
        found: list[object] = []
        while f"{name}-{(number := number + 1)}-was" in said.post:
            was = said.text(f"{name}-{number}-was")
            entry = old[int(was)] if was.isdecimal() and int(was) < len(old) else None
            value = self.item.read(said, f"{name}-{number}", entry)
            if isinstance(value, dict):
                value = Entry(value)
                value.was = was
            if value is not None and said.deed != f"drop:{name}-{number}":
                found.append(value)
        return found or None

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return the entries, and an empty one where it was asked for."""
        items = list(as_items(value))
        if page.said is not None and page.said.deed == f"add:{name}":
            items.append(None)
        parts = []
        for number, item in enumerate(items):
            drawn = self.item.draw(page, f"{name}-{number}", f"{pointer}/{number}", item)
            was = item.was if isinstance(item, Entry) else "" if page.said else str(number)
            parts.append(replace(drawn, was=was, is_wide=False))
        return self._drawn(page, name, pointer, parts=parts, value=self.noun)


def entries(inputs: Sequence[Input], noun: str, **more: str) -> Listed:
    """Return a list of objects, each with these inputs."""
    return Listed(item=Group(inputs=inputs, label=noun.capitalize()), noun=noun, **more)  # type: ignore[arg-type]
