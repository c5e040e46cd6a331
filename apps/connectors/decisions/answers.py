"""Lists of questions and answers as form tools send them, and moments as senders write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.connectors.decisions.bodies import as_words, flat

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Sheet:
    """Answers being gathered: values, questions and hints by field name."""

    values: dict[str, list[str]] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, value: Any, question: str = "", target: str = "") -> None:
        """Add every scalar of an answer under the field's name; blanks are no answer."""
        texts = texts_of(value)
        if not name or not texts:
            return
        self.values.setdefault(name, []).extend(texts)
        if question:
            self.questions[name] = question
        if target:
            self.hints[name] = target

    def add_all(self, fields: Any) -> None:
        """Add every field of an object, nested ones under dotted names."""
        for name, text in flat(part_of(fields)):
            self.add(name, text)


def texts_of(value: Any) -> list[str]:
    """Return every scalar in an answer as text: of a text itself, of a list each part, of an object each value."""
    return [text for _, text in flat(value) if text.strip()] if isinstance(value, dict | list) else _one(value)


def part_of(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the object found down a path, or an empty one."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text_at(value: Any, *path: str) -> str:
    """Return the scalar found down a path as text, or an empty one."""
    return as_words(part_of(value, *path[:-1]).get(path[-1])).strip()


def moment_of(text: object, *, is_utc: bool = False) -> datetime | None:
    """Return an ISO 8601 instant; one without an offset counts only where the sender is known to write UTC."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None and not is_utc:
            return None
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _EARLIEST <= moment < _LATEST else None


def moment_of_unix(text: str) -> datetime | None:
    """Return the instant of a Unix time in whole seconds."""
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text))
    return moment if _EARLIEST <= moment < _LATEST else None


def _one(value: Any) -> list[str]:
    text = as_words(value)
    return [text] if text.strip() else []
