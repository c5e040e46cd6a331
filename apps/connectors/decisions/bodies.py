"""Bytes to values: JSON and form bodies, with limits on depth and length, and a flagged fallback for old encodings."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from apps.connectors.terms import HookRequest, Unreadable

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MOST_DEPTH, MOST_ITEMS, MOST_FIELDS = 20, 1_000, 500


def text_of(raw: bytes) -> str:
    """Decode as UTF-8, else as Windows-1252 (which some form plug-ins still send); NUL characters go."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return plain_text(text)


def plain_text(text: str) -> str:
    """Return text without what no database column takes: NUL characters and lone surrogates."""
    return _UNSTORABLE.sub("", text)


def json_object(request: HookRequest) -> dict[str, Any]:
    """Return the body as a JSON object; raises Unreadable for anything else, too deep or too long lists."""
    found = json_value(request)
    if not isinstance(found, dict):
        raise Unreadable("The body is not a JSON object.")
    return found


def json_value(request: HookRequest) -> Any:
    """Return the body as JSON; raises Unreadable."""
    try:
        found = json.loads(text_of(request.raw), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The body is not JSON.") from error
    _measure(found)
    return _storable(found)


def form_fields(request: HookRequest) -> dict[str, list[str]]:
    """Return the fields of a form body, each with all its values, in the order sent."""
    try:
        pairs = parse_qsl(text_of(request.raw), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Unreadable("The form has too many fields.") from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(plain_text(name), []).append(plain_text(value))
    return fields


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every scalar of a JSON value as text under its dotted path; list places have no number of their own."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, path)
    elif value is not None:
        yield path, as_words(value)


def gathered(pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Return pairs as values by name; empty texts are left out."""
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        if text.strip():
            found.setdefault(name, []).append(text)
    return found


def as_words(value: Any) -> str:
    """Return a scalar as text: numbers as typed, truth as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        try:
            return str(value)
        except ValueError:  # an integer of thousands of digits
            return ""
    return ""


def _refused(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _measure(value: Any, depth: int = 0) -> None:
    if depth > MOST_DEPTH:
        raise Unreadable(f"The body is nested more than {MOST_DEPTH} deep.")
    if isinstance(value, dict | list):
        if len(value) > MOST_ITEMS:
            raise Unreadable(f"A list or object of the body has more than {MOST_ITEMS} parts.")
        for inner in value.values() if isinstance(value, dict) else value:
            _measure(inner, depth + 1)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {plain_text(key): _storable(each) for key, each in value.items()}
    return value
