"""The buttons Up, Down and Remove of a list in a form."""

from collections.abc import Sequence
from typing import Any


def reordered(items: Sequence[Any], deed: str) -> list[Any] | None:
    """Return the items after "drop-2", "up-2" or "down-2"; None where the deed is another or names none of them."""
    rows = list(items)
    word, _, at = deed.partition("-")
    number = int(at) if at.isdecimal() and len(at) < 6 else -1
    if not 0 <= number < len(rows) or word not in ("drop", "up", "down"):
        return None
    row = rows.pop(number)
    if word != "drop":
        rows.insert(max(0, number - 1) if word == "up" else number + 1, row)
    return rows
