"""The forms of rules: which part of a kind's document each edits, by a pattern, and how it is read, drawn and named.

One mechanism for every kind: a kind declares its forms with `offer`; one page (`page.py`) serves them all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.flows.admin.rules.groups import draw_parts, read_parts
from apps.flows.admin.rules.inputs import Drawing, Drawn, Input, Said
from apps.policies import registry
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.decisions.lines import document_lines
from apps.policies.decisions.places import (
    ANY_KEY,
    LISTED,
    PAST_THE_END,
    Pattern,
    Place,
    find_place,
    free_id,
    pointer_of,
    put,
    steps_of,
    value_at,
)
from apps.policies.models import RuleSetVersion
from apps.policies.queries import field_specs
from apps.policies.registry import Way
from apps.policies.terms import FieldSpec, Labels

Fields = Callable[[], Mapping[str, FieldSpec]]
Parts = Mapping[str, Any]
Reads = Callable[[Parts, Mapping[str, FieldSpec], Labels], Sequence[str]]


def _name_of(row: Parts) -> str:
    return " ".join(part for part in (as_text(row.get("id")), as_text(row.get("name"))) if part)


def _lines(row: Parts, fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [each.text for each in document_lines(row, fields, labels)]


@dataclass(frozen=True, slots=True)
class Section:
    """Inputs that belong together: they edit what the first `depth` steps of the form's pattern lead to."""

    title: str
    depth: int
    inputs: Callable[[], Sequence[Input]]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one part of a kind's documents.

    `noun` names the part, `start` the letters of a new one's id; `known_keys` are the keys that `*` may stand for, with
    their words. `grown` makes room for a place that the document does not have yet, `where` says in which part of the
    document it lies, and `notes` what is known of it beside what it says. `new_head` are the words for adding one
    together with a part of its own, `apart` the keys below it that have forms of their own, `is_listed` whether the
    version's page lists it.
    """

    kind: str
    pattern: Pattern
    noun: str
    sections: tuple[Section, ...]
    reads: Reads = _lines
    fields: Fields = field_specs
    name_of: Callable[[Parts], str] = _name_of
    start: str = ""
    known_keys: Callable[[], Mapping[str, str]] = field(default=dict)
    grown: Callable[[Parts, Sequence[str]], dict[str, Any]] | None = None
    where: Callable[[Parts, Place], str] = lambda document, place: ""
    notes: Callable[[Parts, datetime], Sequence[str]] = lambda row, now: ()
    apart: Sequence[str] = ()
    is_listed: bool = True
    new_head: str = ""

    @property
    def is_one_of_many(self) -> bool:
        """Whether it is an entry of a list: it can be moved and taken out."""
        return bool(self.pattern) and self.pattern[-1] == LISTED


@dataclass(frozen=True, slots=True)
class Opened:
    """A form opened at a place of a document."""

    form: Form
    document: dict[str, Any]
    place: Place
    is_new: bool

    @property
    def row(self) -> dict[str, Any]:
        """What the form edits, as it stands."""
        return dict(as_document(value_at(self.document, self.place)))

    @property
    def pointer(self) -> str:
        """Where it lies."""
        return pointer_of(self.place)


_forms: dict[str, list[Form]] = {}


def offer(*forms: Form) -> None:
    """Offer forms of parts of a kind; called once by the module that declares them."""
    for form in forms:
        _forms.setdefault(form.kind, []).append(form)
        registry.register_ways(form.kind, ways)


def opened(version: RuleSetVersion, address: str) -> Opened | None:
    """Return the form of the part that a pointer names; None where there is no such part, or no form of it."""
    steps = steps_of(address)
    for form in _forms.get(version.rule_set.kind, ()):
        grow = form.grown if len(steps) == len(form.pattern) else None
        document = grow(version.document, steps) if grow else dict(version.document)
        place = find_place(document, form.pattern, steps)
        if place is None or not _is_key(form, place, document):
            continue
        is_new = form.is_one_of_many and value_at(document, place) is None
        if is_new and form.start:
            document = put(document, place, {"id": free_id(_ids(form, document), form.start)})
        return Opened(form, document, place, is_new)
    return None


def read(form: Opened, said: Said) -> Opened:
    """Return the form with its document as it was posted."""
    document = form.document
    for section in form.form.sections:
        place = form.place[: section.depth]
        before = as_document(value_at(document, place))
        value = read_parts(section.inputs(), said, before, section.prefix)
        if value or before:
            document = put(document, place, value)
    return replace(form, document=document)


def draw(form: Opened, page: Drawing) -> list[tuple[str, list[Drawn]]]:
    """Return the sections with their inputs; the deepest takes its problems first."""
    found = []
    for section in reversed(form.form.sections):
        place = form.place[: section.depth]
        row = as_document(value_at(form.document, place))
        drawn = draw_parts(section.inputs(), page, row, section.prefix, pointer_of(place))
        found.append((section.title, drawn))
    return found[::-1]


def ways(version: RuleSetVersion) -> list[tuple[str, list[Way]]]:
    """Return the ways to the forms of a version's parts, by what they are parts of."""
    page = reverse("admin:rule_edit", args=[version.pk])
    found: dict[str, list[Way]] = {}
    for form in _forms.get(version.rule_set.kind, ()):
        if form.is_listed:
            for heading, words, pointer in _ways(form, version.document):
                found.setdefault(heading, []).append(Way(words, f"{page}?at={pointer}"))
    return list(found.items())


def _ways(form: Form, document: Parts) -> Iterator[tuple[str, str, str]]:
    heading = f"{form.noun[:1].upper()}{form.noun[1:]}s"
    if not form.pattern or form.pattern[-1] not in (LISTED, ANY_KEY):
        yield "", f"Edit {form.noun}", pointer_of(form.pattern)
        return
    for place, row in _rows(form.pattern, document, ()):
        if form.pattern[-1] == ANY_KEY:
            continue
        yield form.where(document, place) or heading, f"Edit “{form.name_of(row)}”", pointer_of(place)
    if form.pattern[-1] == ANY_KEY:
        for key, word in form.known_keys().items():
            yield heading, f"Edit “{word}”", pointer_of((*form.pattern[:-1], key))
        return
    if form.pattern.count(LISTED) == 1:
        end = (*form.pattern[:-1], PAST_THE_END)
        yield form.where(document, end) or heading, f"Add a {form.noun}", pointer_of(end)
        return
    for number, _ in enumerate(as_items(value_at(document, form.pattern[:1]))):
        place = (form.pattern[0], number, form.pattern[2])
        words = form.where(document, (*place, 0))
        yield words, f"Add a {form.noun} to {words}", pointer_of((*place, PAST_THE_END))
    if form.new_head:
        yield "", form.new_head, pointer_of((form.pattern[0], PAST_THE_END, form.pattern[2], PAST_THE_END))


def _rows(pattern: Pattern, here: object, place: Place) -> Iterator[tuple[Place, Parts]]:
    """Yield every part that a pattern of names and lists fits."""
    if not pattern:
        yield place, as_document(here)
        return
    if pattern[0] == LISTED:
        for number, item in enumerate(as_items(here)):
            yield from _rows(pattern[1:], item, (*place, number))
    else:
        yield from _rows(pattern[1:], as_document(here).get(pattern[0]), (*place, pattern[0]))


def _ids(form: Form, document: Parts) -> list[str]:
    return [as_text(row.get("id")) for _, row in _rows(form.pattern, document, ())]


def _is_key(form: Form, place: Place, document: Parts) -> bool:
    wanted = [step for pattern, step in zip(form.pattern, place, strict=True) if pattern == ANY_KEY]
    return all(step in form.known_keys() or value_at(document, place) is not None for step in wanted)
