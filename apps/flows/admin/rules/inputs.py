"""What a form of a rule can ask for: text, numbers, spans, choices, switches and a condition, as plain HTML fields.

An input reads its part of a document out of what was posted, and draws it with what is wrong beside it. None stands
for a part that the document leaves out; what cannot be read is kept as it was typed, for the check to name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import ClassVar

from django.http import QueryDict

from apps.flows.admin.rules.conditions import (
    DrawnCondition,
    Options,
    after_deed,
    draw_condition,
    posted_rows,
    rows_of,
)
from apps.policies.decisions.documents import as_number, as_text, as_texts
from apps.policies.decisions.rule_rows import as_condition, split_values
from apps.policies.terms import FieldSpec, Labels, Problem

SECONDS: Options = [("1", "seconds"), ("60", "minutes"), ("3600", "hours"), ("86400", "days")]
HOURS: Options = [("1", "hours"), ("24", "days")]
DAYS: Options = [("1", "days")]


@dataclass(frozen=True, slots=True)
class Said:
    """What a form said: its fields, the button that was pressed, and what a condition may test."""

    post: QueryDict
    deed: str
    fields: Mapping[str, FieldSpec]

    def text(self, name: str) -> str:
        """Return a field without outer blanks."""
        return self.post.get(name, "").strip()


@dataclass(slots=True)
class Drawing:
    """What a form is drawn with. `said` is what was posted, if anything; a problem that is drawn is taken."""

    fields: Mapping[str, FieldSpec]
    labels: Labels
    problems: Sequence[Problem] = ()
    said: Said | None = None
    taken: list[Problem] = field(default_factory=list)

    def take(self, pointer: str) -> list[Problem]:
        """Return the problems at a pointer and below it that nothing further down has taken."""
        found = [each for each in self.problems if f"{each.path}/".startswith(f"{pointer}/") and each not in self.taken]
        self.taken += found
        return found


@dataclass(frozen=True, slots=True)
class Drawn:
    """One input as templates/admin/policies/rule_input.html draws it."""

    widget: str
    name: str
    label: str
    help: str = ""
    value: str = ""
    choices: Sequence[tuple[str, str, bool]] = ()
    problems: Sequence[Problem] = ()
    parts: Sequence["Drawn"] = ()
    condition: DrawnCondition | None = None
    is_on: bool = False
    is_required: bool = False
    is_wide: bool = False
    longest: int = 200
    was: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One part of a rule. `name` is its key in the document, `label` what people call it."""

    name: str = ""
    label: str = ""
    help: str = ""
    is_required: bool = False
    is_wide: bool = False
    widget: ClassVar[str] = "text"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return what was posted under a name; None where nothing was."""
        return said.text(name) or None

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return the input with a value of the document, or with what was typed for it."""
        return self._drawn(page, name, pointer, value=_typed(value))

    def _drawn(self, page: Drawing, name: str, pointer: str, **more: object) -> Drawn:
        common = {"is_required": self.is_required, "is_wide": self.is_wide, **more}
        return Drawn(self.widget, name, self.label, self.help, problems=page.take(pointer), **common)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Input):
    """A line of text."""

    longest: int = 200

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return it with its longest length."""
        return self._drawn(page, name, pointer, value=_typed(value), longest=self.longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Input):
    """A time of day, such as 21:00."""

    widget: ClassVar[str] = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Input):
    """Several short texts, separated by commas."""

    def read(self, said: Said, name: str, before: object) -> object:
        """Return them as a list; what was not touched stays, also where a text has a comma in it."""
        if said.text(name) == ", ".join(as_texts(before)):
            return before
        return list(split_values(said.text(name))) or None

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return them in one line."""
        return self._drawn(page, name, pointer, value=", ".join(as_texts(value)), longest=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Input):
    """A number."""

    widget: ClassVar[str] = "number"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return it as a number, or as it was typed."""
        return _number(said.text(name)) if said.text(name) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Input):
    """A stretch of time: a number with a unit. The document holds the smallest unit."""

    units: Options = field(default_factory=lambda: SECONDS)
    widget: ClassVar[str] = "span"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return it in the smallest unit, or as it was typed."""
        if not said.text(name):
            return None
        number, unit = _number(said.text(name)), said.text(f"{name}-unit")
        sizes = [int(size) for size, _ in self.units]
        size = int(unit) if unit.isdecimal() and int(unit) in sizes else sizes[0]
        return number if isinstance(number, str) else _whole(number * size)

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return it in the largest unit that divides it."""
        number, size = as_number(value), 1
        for each, _ in self.units:
            if number and number % int(each) == 0:
                size = int(each)
        text = _typed(value) if number is None else _typed(_whole(number / size))
        choices = [(key, word, key == str(size)) for key, word in self.units]
        return self._drawn(page, name, pointer, value=text, choices=choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Input):
    """One of several; `none` is the word for leaving it out. A value nobody knows stays choosable."""

    options: Options
    none: str = "choose"
    widget: ClassVar[str] = "choice"

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return the options, with what is chosen."""
        chosen = as_text(value)
        known = _with_unknown(self.options, (chosen,) if chosen else ())
        if not (self.is_required and chosen):
            known = [("", self.none), *known]
        return self._drawn(page, name, pointer, choices=[(key, word, key == chosen) for key, word in known])


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Input):
    """Any of several; `is_long` draws them as a list that scrolls."""

    options: Options
    is_long: bool = False
    widget: ClassVar[str] = "choices"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return the chosen ones in the order of the options."""
        posted = [each for each in said.post.getlist(name) if each]
        keys = [key for key, _ in self.options]
        if set(posted) == set(as_texts(before)):
            return before
        return sorted(posted, key=lambda each: keys.index(each) if each in keys else len(keys)) or None

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return the options, with what is chosen."""
        chosen = as_texts(value)
        known = [(key, word, key in chosen) for key, word in _with_unknown(self.options, chosen)]
        return self._drawn(page, name, pointer, choices=known, longest=6 if self.is_long else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Input):
    """Yes or no; `usual` is what holds where the document says nothing."""

    usual: bool = False
    widget: ClassVar[str] = "flag"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return it where it is not usual, or was said before."""
        is_on = name in said.post
        return None if is_on is self.usual and before is None else is_on

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return it as it holds."""
        return self._drawn(page, name, pointer, is_on=value is True if isinstance(value, bool) else self.usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Input):
    """A condition in rows; one that rows cannot show stays as it is. Which `may_lack` is left out without rows."""

    name: str = "when"
    label: str = "When"
    may_lack: bool = False
    widget: ClassVar[str] = "condition"

    def read(self, said: Said, name: str, before: object) -> object:
        """Return the rows as a condition."""
        if "joint" not in said.post:
            return before
        rows = posted_rows(said.post)
        return None if self.may_lack and not rows.rows else as_condition(rows, said.fields)

    def draw(self, page: Drawing, name: str, pointer: str, value: object) -> Drawn:
        """Return its rows, as they were typed."""
        rows, said = rows_of(value), page.said
        if said is not None and "joint" in said.post:
            rows = after_deed(posted_rows(said.post), said.deed, said.text("new-field"), page.fields)
        drawn = draw_condition(rows, page.fields, page.labels)
        return self._drawn(page, name, pointer, condition=drawn, is_wide=True)


def _typed(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None or isinstance(value, Mapping | list) else str(value)


def _number(text: str) -> int | float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return _whole(number) if isfinite(number) else text


def _whole(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number


def _with_unknown(options: Options, chosen: Sequence[str]) -> Options:
    known = {key for key, _ in options}
    return [*options, *((each, f"{each} (not known)") for each in chosen if each not in known)]
