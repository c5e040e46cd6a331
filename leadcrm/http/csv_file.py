"""Tables as CSV files that a spreadsheet opens as text, never as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

#: What begins a formula in some spreadsheet (OWASP, "CSV Injection"), full-width signs among it.
STARTERS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BREAKS = frozenset("\t\r\n")


def safe_cell(value: object) -> str:
    """Return a cell's text; one that a spreadsheet would run gets a leading apostrophe.

    Blanks of any kind before the sign hide nothing, and a tab or a line break among them starts a cell by itself.
    """
    text = "" if value is None else str(value)
    body = text.lstrip()
    blanks = text[: len(text) - len(body)]
    return f"'{text}" if body.startswith(STARTERS) or BREAKS & set(blanks) else text


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the file: a byte-order mark for spreadsheets, the head, the rows, each cell made safe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(each) for each in head])
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return "\ufeff" + out.getvalue()
