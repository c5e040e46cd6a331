"""Bytes to a sheet: comma-, semicolon- or tab-separated text, in UTF-8 or what spreadsheets used to write."""

import csv
import io
from collections.abc import Sequence

from apps.connectors.decisions.bodies import text_of
from apps.imports.terms import Sheet, SheetError

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 50_000, 100, 10_000
_DELIMITERS = ",;\t|"


def read_sheet(raw: bytes) -> Sheet:
    """Return the sheet; blank rows are left out, short rows filled up.

    Raises SheetError for an empty file, one that is no text, a header without names or with one twice, rows longer
    than the header, and more than 50,000 rows.
    """
    text = _text(raw)
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    try:
        lines = [
            each
            for each in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            if any(cell.strip() for cell in each)
        ]
    except csv.Error as error:
        raise SheetError("The file is not a readable CSV: a quotation mark may be missing.") from error
    return sheet_of_lines(lines)


def sheet_of_lines(lines: Sequence[list[str]]) -> Sheet:
    """Return rows of cells as a sheet, the first one being the header. Raises SheetError as `read_sheet` does."""
    if not lines:
        raise SheetError("The file is empty.")
    header = tuple(cell.strip()[:100] for cell in lines[0])
    _check_header(header)
    if len(lines) - 1 > MOST_ROWS:
        raise SheetError(f"The file has more than {MOST_ROWS:,} rows. Split it.")
    return Sheet(header, tuple(_row(each, len(header), place) for place, each in enumerate(lines[1:], 2)))


def as_csv(sheet: Sheet) -> bytes:
    """Return a sheet as the text that `read_sheet` reads back."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([sheet.header, *sheet.rows])
    return text.getvalue().encode()


def _text(raw: bytes) -> str:
    if b"\x00" in raw[:4096]:
        raise SheetError("This is no CSV file. Save the sheet as CSV (UTF-8) or as .xlsx and send that.")
    return text_of(raw)


def _check_header(header: tuple[str, ...]) -> None:
    if not all(header):
        raise SheetError("Every column needs a name in the first row.")
    if len(header) > MOST_COLUMNS:
        raise SheetError(f"The file has more than {MOST_COLUMNS} columns.")
    folded = [name.casefold() for name in header]
    twice = next((name for name in header if folded.count(name.casefold()) > 1), "")
    if twice:
        raise SheetError(f"The column “{twice}” is there twice.")


def _row(cells: list[str], width: int, line: int) -> tuple[str, ...]:
    if any(cell.strip() for cell in cells[width:]):
        raise SheetError(f"Row {line} has more cells than the header.")
    kept = [cell.strip()[:LONGEST_CELL] for cell in cells[:width]]
    return (*kept, *([""] * (width - len(kept))))
