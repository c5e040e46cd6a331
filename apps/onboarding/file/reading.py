"""Reading a tenant file: from text to its checked shape, or to faults, each with its line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from apps.onboarding.file.references import find_broken_references
from apps.onboarding.file.schema import TenantFile
from apps.onboarding.file.yaml_lines import Located, load
from apps.onboarding.terms import Fault, Path

_SENTENCES = {
    "missing": "this is required.",
    "extra_forbidden": "this is not known here.",
    "string_type": "this must be text; put it in quotes.",
    "string_too_short": "this must not be empty.",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A read file, or its faults; `name` is what error lines begin with."""

    name: str
    located: Located
    file: TenantFile | None = None
    faults: tuple[Fault, ...] = field(default=())

    def lines(self) -> list[str]:
        """Return the faults as `file:line: place: sentence`."""
        return [spoken_fault(self.name, fault) for fault in self.faults]

    def placed(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """Give each fault the line of its place; in order of lines."""
        return _placed(self.located, faults)


def spoken_fault(name: str, fault: Fault) -> str:
    """Return a fault as one line that editors can jump to."""
    return f"{name}:{fault.line or 1}: {fault.place}: {fault.sentence}"


def read_file(text: str, name: str, *, known: Mapping[str, frozenset[str]] | None = None) -> Reading:
    """Read a tenant file and check its shape and every reference in it.

    `known` holds the keys that exist already, by section; with it a reference into a section that the
    file leaves out is checked too.
    """
    located = load(text)
    if located.faults:
        return Reading(name, located, faults=_placed(located, located.faults))
    try:
        file = TenantFile.model_validate(located.data)
    except ValidationError as error:
        faults = [_fault_of(each) for each in error.errors(include_url=False)]
        return Reading(name, located, faults=_placed(located, faults))
    return Reading(name, located, file, _placed(located, find_broken_references(file, known or {})))


def path_of_pointer(pointer: str) -> Path:
    """Return a JSON pointer (RFC 6901) as a place."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _placed(located: Located, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    placed = [
        fault if fault.line else Fault(fault.path, fault.sentence, located.line_of(fault.path)) for fault in faults
    ]
    return tuple(sorted(placed, key=lambda fault: fault.line))


def _fault_of(error: ErrorDetails) -> Fault:
    place = tuple(part for part in error["loc"] if not str(part).startswith(("function-", "tuple[")))
    return Fault(place, _SENTENCES.get(error["type"]) or _sentence(error))


def _sentence(error: ErrorDetails) -> str:
    text = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if error["type"] in {"enum", "literal_error"}:
        return f"“{error['input']}” is not known; expected {text}."
    if error["type"] == "string_pattern_mismatch":
        return f"“{error['input']}” is not well formed ({error['msg']})."
    return f"{text[:1].lower()}{text[1:].rstrip('.')}."
