"""Row DU-15 by real doors: what BrightPath delivered twice, as picture, table and file; a quarter of the row's 80."""

import csv
import io

import pytest

from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, send_in

DAY = "since=2026-12-01&until=2026-12-01"
DELIVERED, TWICE = 20, 3


@pytest.mark.row("DU-15")
def test_three_of_brightpaths_twenty_are_duplicates(harbor: Tenant, client_as) -> None:
    people = [f"p{number}@example.com" for number in range(DELIVERED - TWICE)]
    for address in people + people[:TWICE]:
        body = inquiry(source="imaging-spring", person__email=address, person__phone="")
        send_in(harbor, body, at=TUESDAY_NINE)
    for number in range(3):
        send_in(harbor, inquiry(source="web-ortho", person__email=f"w{number}@example.com"), at=TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE)
    dev = client_as("dev")
    with travelling(to=TUESDAY_NINE):
        page = dev.get(f"/reports/duplicates/?{DAY}").content.decode()
        lines = csv.reader(io.StringIO(dev.get(f"/reports/duplicates.csv?{DAY}").content.decode("utf-8-sig")))
        narrowed = dev.get(f"/reports/duplicates/?{DAY}&source=web-ortho").content.decode()
    assert "BrightPath: 3 of 20 = 15 %" in page
    assert "n = 23" in page and "the person had an open inquiry inside the window" in page
    rows = {(row[0], row[1]): row[2:] for row in lines}
    assert rows["Partner", "BrightPath"] == ["20", "3", "15 %", "0", "0"]
    assert rows["Source", "BrightPath Imaging-Spring"][:3] == ["20", "3", "15 %"]
    assert rows["Campaign", "Imaging-Spring"][:3] == ["20", "3", "15 %"]
    assert rows["Partner", "(none)"][:3] == ["3", "0", "Not enough data (n = 3)"]
    assert "BrightPath" not in narrowed.split('id="duplicates"')[1]
