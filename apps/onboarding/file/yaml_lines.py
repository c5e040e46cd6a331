"""YAML with line numbers: plain data, and for each place in it the line it was written on.

Values are read as YAML 1.2 reads them: only `true` and `false` are flags, a date or a time of day
stays text. Keys written twice are a fault, not the last one's victory.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from apps.onboarding.terms import Fault, Path

MAX_NODES = 200_000
MAX_DEPTH = 64


class _PlainLoader(yaml.SafeLoader):
    """The safe loader without dates, sexagesimal numbers and "yes" for true."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, rule) for tag, rule in rules if tag.endswith((":null", ":float"))]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same in C where the machine has it; it tells less of what is wrong, so faults are read once more."""

    yaml_implicit_resolvers = _PlainLoader.yaml_implicit_resolvers


@dataclass(frozen=True, slots=True)
class Located:
    """Data with the line of each place; `faults` are places that YAML itself cannot make sense of."""

    data: Any
    lines: Mapping[Path, int]
    faults: tuple[Fault, ...] = ()

    def line_of(self, path: Path) -> int:
        """Return the line of a place, or of the nearest place around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def load(text: str) -> Located:
    """Read YAML; what is no YAML comes back as a fault with its line."""
    try:
        root = _root(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        sentence = getattr(error, "problem", None) or "this is no YAML"
        return Located(None, {}, (Fault((), f"{sentence}.", mark.line + 1 if mark else 1),))
    if root is None:
        return Located(None, {}, (Fault((), "the file is empty.", 1),))
    walk = _Walk()
    data = walk.value(root, ())
    return Located(data, walk.lines, tuple(walk.faults))


def _root(text: str) -> yaml.Node | None:
    try:
        return _node(_FastLoader(text))
    except yaml.YAMLError:
        return _node(_PlainLoader(text))


def _node(loader: Any) -> yaml.Node | None:
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


class _Walk:
    """Turns nodes into data and notes where each came from."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self._scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        if len(path) > MAX_DEPTH or len(self.lines) > MAX_NODES:
            return self._fault(path, "this is nested too deep, or the file is too large.", line)
        self.lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node)
        except yaml.YAMLError:
            return self._fault(path, "this value is not understood.", line)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            place, line = (*path, key), key_node.start_mark.line + 1
            if key in found:
                self._fault(place, f"“{key}” is written twice.", line)
                continue
            self.lines[place] = line
            found[key] = self.value(value_node, place)
        return found

    def _fault(self, path: Path, sentence: str, line: int) -> None:
        self.faults.append(Fault(path, sentence, line))
