"""Bytes of an Excel workbook (.xlsx) to a sheet of texts, as a person sees them; what could harm is refused.

Read as a stream. XML goes through defusedxml, so that entities are not expanded. Refused with a sentence: macros,
formulas, passwords, more than one sheet where none was named, and archives that unpack to more than 100 MB.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from apps.imports.decisions.sheets import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, sheet_of_lines
from apps.imports.terms import Sheet, SheetError

MOST_UNPACKED = 100 * 1024 * 1024
MOST_PARTS = 500
#: Cells of one row, and letters of a number format, that are read at all; people's own are far below.
WIDEST_ROW, LONGEST_FORMAT = 1_000, 100
MOST_BLANK = 1_000
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
)
_DATE_PARTS = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|am/pm|a/p", re.IGNORECASE)


def is_workbook(raw: bytes) -> bool:
    """Say whether the bytes are an Excel file, of whichever age."""
    return raw.startswith((_ZIP, _OLD))


def read_workbook(raw: bytes, sheet: str = "") -> Sheet:
    """Return one sheet of a workbook; `sheet` names it where several hold something. Raises SheetError with why not."""
    if raw.startswith(_OLD):
        raise SheetError("This Excel file is of the old kind or has a password. Save it as .xlsx without one.")
    _look_at_parts(raw)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        try:
            return sheet_of_lines(list(_lines(_chosen(book, sheet.strip()))))
        finally:
            book.close()
    except SheetError:
        raise
    except _BROKEN as error:
        raise SheetError("The Excel file cannot be read. Open it, save it anew and send that.") from error


def _look_at_parts(raw: bytes) -> None:
    """Refuse by the archive's own table, before anything is unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except zipfile.BadZipFile as error:
        raise SheetError("The Excel file is damaged. Save it anew and send that.") from error
    names = {each.filename.casefold() for each in parts}
    if "xl/workbook.xml" not in names:
        raise SheetError("This is neither a CSV file nor an Excel workbook (.xlsx).")
    if any(name.endswith(("vbaproject.bin", ".bin.vba")) for name in names):
        raise SheetError("The Excel file holds macros. Save it as .xlsx, without them.")
    if any(each.flag_bits & 1 for each in parts):
        raise SheetError("The Excel file has a password. Save it without one.")
    if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
        raise SheetError("The Excel file unpacks to more than 100 MB. Save the sheet with the people alone.")


def _chosen(book: Any, wanted: str) -> Any:
    """Return the sheet by name; without a name the one visible sheet that holds something."""
    visible = [each for each in book.worksheets if each.sheet_state == "visible"]
    if wanted:
        named = next((each for each in visible if each.title.casefold() == wanted.casefold()), None)
        if named is None:
            raise SheetError(f"There is no sheet “{wanted}”. There are: {_titles(visible)}.")
        return named
    filled = [each for each in visible if next(_lines(each), None)]
    if len(filled) > 1:
        raise SheetError(f"The workbook has {len(filled)} sheets: {_titles(filled)}. Name the one with the people.")
    if not filled:
        raise SheetError("The file is empty.")
    return filled[0]


def _titles(sheets: list[Any]) -> str:
    return ", ".join(f"“{each.title[:40]}”" for each in sheets[:10])


def _lines(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows that hold something, cells as text. What the sheet claims of its own size is not believed."""
    sheet.reset_dimensions()
    blank = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if len(row) > WIDEST_ROW:
            raise SheetError(f"The file has more than {MOST_COLUMNS} columns. Delete what stands far to the right.")
        cells = [_text(cell, number, place) for place, cell in enumerate(row, 1)]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            blank += 1
            if blank > MOST_BLANK:
                raise SheetError(f"More than {MOST_BLANK:,} blank rows follow each other. Delete them.")
            continue
        blank = 0
        if len(cells) > MOST_COLUMNS:
            raise SheetError(f"The file has more than {MOST_COLUMNS} columns.")
        if number > MOST_ROWS + MOST_BLANK + 1:
            raise SheetError(f"The file has more than {MOST_ROWS:,} rows. Split it.")
        yield cells


def _text(cell: Any, number: int, place: int) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if cell.data_type == "f":
        where = f"{get_column_letter(place)}{number}"
        raise SheetError(f"Cell {where} holds a formula. Paste the values only, and send that.")
    shape = str(cell.number_format or "General")
    return shown(value, shape if len(shape) <= LONGEST_FORMAT else "General")[:LONGEST_CELL]


def shown(value: object, number_format: str) -> str:
    """Return a cell's value the way its number format shows it to a person."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        return _date_shown(value, number_format.split(";")[0])
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _number_shown(value, number_format.split(";")[0])
    return str(value).strip()


def _number_shown(value: int | float, pattern: str) -> str:
    """Zero padding, decimals, thousands and percent are shown; a long number keeps all its digits."""
    bare = re.sub(r"\[[^\]]*\]|\"[^\"]*\"|\\.", "", pattern)
    if re.fullmatch(r"0{2,}", bare) and float(value).is_integer():
        return f"{int(value):0{len(bare)}d}"
    if (found := re.search(r"\.(0+)", bare)) or "%" in bare or "#,##0" in bare:
        places = len(found[1]) if found else 0
        scaled = value * 100 if "%" in bare else value
        return f"{scaled:{',' if '#,##0' in bare else ''}.{places}f}{'%' if '%' in bare else ''}"
    return str(int(value)) if float(value).is_integer() else f"{value:.10g}"


def _date_shown(value: datetime | date | time, pattern: str) -> str:
    if not is_date_format(pattern) or isinstance(value, time):
        return value.isoformat(sep=" ", timespec="minutes") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, datetime) and not _is_clear(pattern):
        return value.isoformat(sep=" ", timespec="seconds")
    at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    bare = re.sub(r"\[[^\]]*\]|\\(?=.)|\"", "", pattern.split(";")[0]).replace("_-", "").replace("@", "")
    has_half = re.search(r"am/pm|a/p", bare, re.IGNORECASE) is not None
    written: list[str] = []
    before, end = "", 0
    for found in _DATE_PARTS.finditer(bare):
        part = found[0].casefold()
        is_minute = part in ("m", "mm") and (before.startswith("h") or _is_before_seconds(bare, found.end()))
        written += [bare[end : found.start()], _part_shown(at, part, is_minute=is_minute, has_half=has_half)]
        before, end = part, found.end()
    return "".join([*written, bare[end:]]).strip()


def _is_clear(pattern: str) -> bool:
    """Say whether a shown instant still is one: with hours it needs a whole year, and a day that is no month."""
    parts = [each[0].casefold() for each in _DATE_PARTS.finditer(re.sub(r"\[[^\]]*\]|\"[^\"]*\"|\\.", "", pattern))]
    if not any(each.startswith("h") for each in parts):
        return True
    return "yyyy" in parts and any(each.startswith("d") for each in parts) and (parts[0] == "yyyy" or "mmm" in parts)


def _is_before_seconds(pattern: str, start: int) -> bool:
    following = _DATE_PARTS.search(pattern, start)
    return following is not None and following[0].casefold().startswith("s")


def _part_shown(at: datetime, part: str, *, is_minute: bool, has_half: bool) -> str:
    hour = (at.hour % 12 or 12) if has_half else at.hour
    if is_minute:
        return f"{at.minute:02d}" if part == "mm" else str(at.minute)
    return {
        "yyyy": f"{at.year:04d}",
        "yy": f"{at:%y}",
        "mmmm": f"{at:%B}",
        "mmm": f"{at:%b}",
        "mm": f"{at:%m}",
        "m": str(at.month),
        "dddd": f"{at:%A}",
        "ddd": f"{at:%a}",
        "dd": f"{at:%d}",
        "d": str(at.day),
        "hh": f"{hour:02d}",
        "h": str(hour),
        "ss": f"{at:%S}",
        "s": str(at.second),
        "am/pm": f"{at:%p}",
        "a/p": f"{at:%p}"[:1],
    }[part]
