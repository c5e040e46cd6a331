"""Counts what a block asks of the database: statements by verb, and rows written."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WRITES = frozenset({"INSERT", "UPDATE"})


class Statements:
    """Statements by verb, and the rows that INSERT and UPDATE touched."""

    def __init__(self) -> None:
        self.by_verb: Counter[str] = Counter()
        self.by_text: Counter[str] = Counter()
        self.rows_written = 0

    def __call__(self, execute: Callable[..., Any], text: str, params: Any, many: bool, context: Any) -> Any:
        """Count one statement; savepoints do not pass here."""
        answer = execute(text, params, many, context)
        verb = text.lstrip("( ").partition(" ")[0].upper()
        self.by_verb[verb] += 1
        self.by_text[text] += 1
        if verb in WRITES:
            self.rows_written += _rows_of(text, context["cursor"].rowcount)
        return answer

    @property
    def total(self) -> int:
        """All statements."""
        return sum(self.by_verb.values())


def _rows_of(text: str, known: int) -> int:
    """Return the rows of a statement; one that was sent in a pipeline does not know them yet, but lists them."""
    return known if known >= 0 else text.partition(" VALUES ")[2].count("(")


@contextmanager
def counted() -> Iterator[Statements]:
    """Count inside the block, on this thread's connection."""
    statements = Statements()
    with connection.execute_wrapper(statements):
        yield statements
