"""Reports as CSV files that a spreadsheet opens as text, never as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

#: A cell that begins so is run as a formula by spreadsheets (OWASP, "CSV Injection").
STARTERS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """Return a cell's text; one that a spreadsheet would run gets a leading apostrophe.

    A tab or return is looked for before spaces are trimmed, since trimming would remove it.
    """
    text = "" if value is None else str(value)
    looks = (text.lstrip(" "), text.strip())
    return f"'{text}" if any(each.startswith(STARTERS) for each in looks) else text


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the file: a byte-order mark for spreadsheets, the head, the rows, each cell made safe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(each) for each in head])
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return "\ufeff" + out.getvalue()
