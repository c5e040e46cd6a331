"""Excel workbooks: cells as a person sees them, the sheet by name, and what could harm refused in clear words."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from apps.imports.decisions.workbooks import read_workbook, shown
from apps.imports.models import ImportRun
from apps.imports.terms import SheetError
from apps.leads.models import Lead
from tests.cast import Tenant
from tests.imports.test_imports import BASIS

HEADER = ["Name", "Phone", "ZIP", "Born", "Consent"]
ROW = ["Nora Quinn", 7735550144, 2134, date(1980, 5, 7), "yes"]


def workbook(sheets: dict[str, list[list[Any]]], formats: dict[str, str] | None = None) -> bytes:
    """Return a workbook of these sheets; `formats` sets cells' number formats by place on the first."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for place, number_format in (formats or {}).items():
        book.worksheets[0][place].number_format = number_format
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def changed(raw: bytes, **parts: bytes) -> bytes:
    """Return the archive with parts added or replaced; "xl/a.b" is written xl__a_b."""
    out, old = io.BytesIO(), zipfile.ZipFile(io.BytesIO(raw))
    named = {name.replace("__", "/").replace("_dot_", "."): data for name, data in parts.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each not in named:
                new.writestr(each, old.read(each))
        for name, data in named.items():
            new.writestr(name, data)
    return out.getvalue()


def bring(browser: Client, raw: bytes, **more: str) -> HttpResponse:
    """Send a workbook to the first page."""
    file = SimpleUploadedFile("list.xlsx", raw, "application/octet-stream")
    answer: HttpResponse = browser.post(
        "/imports/", {"kind": "import", "source": "imaging-spring", "file": file, **more}
    )
    return answer


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (2134, "00000", "02134"),
        (2134.0, "General", "2134"),
        (17735550144, "General", "17735550144"),
        (0.1 + 0.2, "General", "0.3"),
        (1234.5, "#,##0.00", "1,234.50"),
        (0.25, "0%", "25%"),
        (True, "General", "TRUE"),
        (datetime(1980, 5, 7), "mm/dd/yyyy", "05/07/1980"),
        (datetime(1980, 5, 7), "d mmm yy", "7 May 80"),
        (datetime(1980, 5, 7), "yyyy-mm-dd", "1980-05-07"),
        (datetime(1980, 5, 7, 15, 4), "yyyy-mm-dd h:mm AM/PM", "1980-05-07 3:04 PM"),
        (date(1980, 5, 7), "General", "1980-05-07"),
        (" text ", "General", "text"),
    ],
)
def test_a_cell_is_what_a_person_sees(value: object, number_format: str, expected: str) -> None:
    assert shown(value, number_format) == expected


def test_a_sheet_is_read_by_name_and_a_hidden_one_is_not_offered() -> None:
    raw = workbook({"People": [HEADER, ROW], "Notes": [["a"], ["b"]]}, {"C2": "00000", "D2": "mm/dd/yyyy"})
    with pytest.raises(SheetError, match="2 sheets: “People”, “Notes”"):
        read_workbook(raw)
    assert read_workbook(raw, "people").rows == (("Nora Quinn", "7735550144", "02134", "05/07/1980", "yes"),)
    with pytest.raises(SheetError, match="no sheet “Other”"):
        read_workbook(raw, "Other")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (workbook({"A": [["Name", "Phone"], ["x", "=1+1"]]}), "Cell B2 holds a formula"),
        (changed(workbook({"A": [["Name"], ["x"]]}), xl__vbaProject_dot_bin=b"x"), "holds macros"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "old kind or has a password"),
        (b"PK\x03\x04" + b"\x00" * 100, "damaged"),
        (changed(workbook({"A": [["Name"], ["x"]]}), big=b"\x00" * (101 * 1024 * 1024)), "more than 100 MB"),
        (workbook({"A": [[]]}), "empty"),
        (workbook({"A": [[f"c{n}" for n in range(101)]]}), "more than 100 columns"),
        (workbook({"A": [["Name"], ["x"], *[[None]] * 1_200, ["y"]]}), "blank rows"),
        (
            changed(
                workbook({"A": [["Name"], ["x"]]}),
                xl__worksheets__sheet1_dot_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>',
            ),
            "cannot be read",
        ),
    ],
    ids=["formula", "macros", "old", "damaged", "bomb", "empty", "columns", "blank", "entities"],
)
def test_what_could_harm_is_refused_in_clear_words(raw: bytes, sentence: str) -> None:
    with pytest.raises(SheetError, match=sentence):
        read_workbook(raw)


@pytest.mark.row("CP-26")
def test_a_workbook_is_imported_like_a_csv_file(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    ops = client_as("ada")
    raw = workbook({"People": [HEADER, ROW], "Notes": [["a"], ["b"]]}, {"C2": "00000", "D2": "mm/dd/yyyy"})
    refused = bring(ops, raw)
    assert refused.status_code == 422 and "Name the one with the people" in refused.content.decode()
    page = str(bring(ops, raw, sheet="People")["Location"])
    columns = ("person.full_name", "person.phone", "person.postal_code", "person.date_of_birth", "-")
    sent = {f"column_{place}": target for place, target in enumerate(columns)}
    assert ops.post(f"{page}plan/", {**sent, "basis_column": "Consent", **BASIS}).status_code == 303
    assert "Look again" in ops.get(page).content.decode()
    assert "0 of 1" in ops.get(page).content.decode()
    harbor.drain()
    assert "1 new, 0 duplicate, 0 refused" in ops.get(page).content.decode()
    ops.post(f"{page}confirm/")
    harbor.drain()
    with harbor.scope():
        assert ImportRun.rows().get().state == "done"
        person = Lead.rows().select_related("person").get().person
        assert (person.postal_code, person.date_of_birth) == ("02134", date(1980, 5, 7))


def test_a_number_format_as_long_as_a_book_shows_no_long_cell_and_a_cell_far_out_is_refused() -> None:
    raw = workbook({"People": [["Phone", "Name"], [7, "Ann"]]}, {"A2": "0" * 200})
    assert read_workbook(raw).rows == (("7", "Ann"),)
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1"] = "Phone", "far out"
    kept = io.BytesIO()
    book.save(kept)
    with pytest.raises(SheetError, match="more than 100 columns"):
        read_workbook(kept.getvalue())
