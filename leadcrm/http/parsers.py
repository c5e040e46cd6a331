"""Read JSON strictly: one text, one meaning.

The limits hold before the text is parsed (depth) or right after, on a body whose length is already
bounded. What two readers could understand differently is refused: a key twice, NaN, numbers
beyond 64 bits, another encoding than UTF-8. Characters that the database cannot store are named.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from apps.tenancy.errors import Invalid, Problem
from leadcrm.http.errors import pointer_to
from leadcrm.http.limits import BATCH_PATH

MAX_DEPTH = 32
MAX_KEYS = 1_000
MAX_BATCH_KEYS = 100_000
MAX_ITEMS = 10_000
_LARGEST_INTEGER = 2**63
# A string (also one that never ends: then it takes the rest, so the scan stays linear), or a bracket.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_CANNOT_STORE = re.compile("[\x00\ud800-\udfff]")


class BadJSON(ParseError):
    """The text is not JSON as we read it; says where and why. Nothing was changed."""

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(detail, code)
        self.problems = (Problem(pointer, code, detail),)


@dataclass(frozen=True, slots=True)
class _Fault:
    """Stands in the parsed value where something is wrong, until the walk knows its pointer."""

    code: str
    detail: str
    key: str | None = None


class StrictJSONParser(BaseParser):
    """DRF's door to `read_json`."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body."""
        charset = _charset_of(media_type or "")
        if charset not in ("", "utf-8", "utf8"):
            raise UnsupportedMediaType(str(media_type), "Send JSON in UTF-8.")
        request = (parser_context or {}).get("request")
        is_batch = request is not None and request.path_info.rstrip("/") == BATCH_PATH
        return read_json(stream.read(), max_keys=MAX_BATCH_KEYS if is_batch else MAX_KEYS)


def read_json(raw: bytes, *, max_keys: int = MAX_KEYS) -> Any:
    """Parse a body strictly.

    Raises BadJSON (400) where the text has no single meaning or breaks a limit, and Invalid (422)
    naming each place that holds NUL or half a surrogate pair.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJSON("not_utf8", f"Byte {error.start} is not UTF-8.") from error
    if depth_of(raw) > MAX_DEPTH:
        raise BadJSON("too_deep", f"The JSON is nested deeper than {MAX_DEPTH}.")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise BadJSON("not_json", f"Line {error.lineno}, column {error.colno}: {error.msg}.") from error
    walk = _Walk(max_keys)
    walk.visit(value, ())
    if walk.unstorable:
        raise Invalid("The text holds characters that cannot be stored.", tuple(walk.unstorable))
    return value


def depth_of(raw: bytes) -> int:
    """Return how deep brackets nest, strings left out, without parsing."""
    depth = deepest = 0
    for match in _TOKENS.finditer(raw):
        first = raw[match.start()]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


class _Walk:
    """Checks a parsed value place by place. Its depth is bounded by `depth_of`."""

    def __init__(self, max_keys: int) -> None:
        self.max_keys = max_keys
        self.keys = 0
        self.unstorable: list[Problem] = []

    def visit(self, value: Any, path: tuple[object, ...]) -> None:
        """Raise BadJSON at the first broken rule; collect places that cannot be stored."""
        if isinstance(value, _Fault):
            steps = path if value.key is None else (*path, value.key)
            raise BadJSON(value.code, value.detail, _printable(pointer_to(*steps)))
        if isinstance(value, str):
            self._text(value, path)
        elif isinstance(value, dict):
            self.keys += len(value)
            if self.keys > self.max_keys:
                raise BadJSON("too_many_keys", f"The JSON has more than {self.max_keys} keys.")
            for key, item in value.items():
                self._text(key, (*path, key))
                self.visit(item, (*path, key))
        elif isinstance(value, list):
            if len(value) > MAX_ITEMS:
                raise BadJSON(
                    "too_many_items", f"An array has more than {MAX_ITEMS} items.", _printable(pointer_to(*path))
                )
            for index, item in enumerate(value):
                self.visit(item, (*path, index))

    def _text(self, text: str, path: tuple[object, ...]) -> None:
        if _CANNOT_STORE.search(text):
            problem = Problem(
                _printable(pointer_to(*path)), "unstorable_character", "Remove NUL and broken characters."
            )
            if problem not in self.unstorable:
                self.unstorable.append(problem)


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Fault("duplicate_key", "The key stands twice in one object.", key)
        seen.add(key)
    return found


def _constant(word: str) -> _Fault:
    return _Fault("not_a_number", "NaN and Infinity are not JSON.")


def _float(text: str) -> float | _Fault:
    number = float(text)
    return number if math.isfinite(number) else _Fault("number_range", "The number is too large.")


def _integer(text: str) -> int | _Fault:
    if len(text) <= 20 and -_LARGEST_INTEGER <= (number := int(text)) < _LARGEST_INTEGER:
        return number
    return _Fault("number_range", "The number does not fit into 64 bits.")


def _printable(pointer: str) -> str:
    return _CANNOT_STORE.sub("\ufffd", pointer)


def _charset_of(media_type: str) -> str:
    for part in media_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""
