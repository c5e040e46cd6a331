"""Reading words that rest sealed: the database cannot filter by them or list them, so a test looks at the rows."""

from collections.abc import Iterable
from typing import Any

FITS = {"": str.__eq__, "startswith": str.startswith, "contains": str.__contains__}


def words_of(rows: Iterable[Any], *names: str) -> list[Any]:
    """Return an attribute of each row, or several as a tuple."""
    found = [tuple(getattr(row, name) for name in names) for row in rows]
    return [each[0] for each in found] if len(names) == 1 else found


def saying(rows: Iterable[Any], **wanted: str) -> list[Any]:
    """Return the rows whose words are, start with or contain something (`sentence__startswith="Given"`)."""
    [(asked, text)] = wanted.items()
    name, _, lookup = asked.partition("__")
    return [row for row in rows if FITS[lookup](getattr(row, name), text)]


def the_one_saying(rows: Iterable[Any], **wanted: str) -> Any:
    """Return the only row that says something."""
    [found] = saying(rows, **wanted)
    return found
