"""The map of where health information goes, from the live set-up (row PH-12)."""

import re

import pytest

from apps.catalog.models import Source
from tests.leads_made import TUESDAY_NINE
from tests.rows.arranging import page

ADDRESS = "/compliance/data-flow/"


def rows_of(text):
    """Return the table's rows as lists of their words."""
    cells = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)[1:]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells.findall(row)] for row in found]


@pytest.mark.row("PH-12")
def test_the_map_says_that_chat_makes_phi_and_shows_a_connection_that_is_added(harbor, client_as):
    dev, ada = client_as("dev"), client_as("ada")
    before = rows_of(page(dev, ADDRESS, at=TUESDAY_NINE))
    (chat,) = [row for row in before if row[1] == "Chat"]
    assert chat[0] == "Arrival" and chat[3] == "creates PHI"
    assert not [row for row in before if "Spring ads" in row[1]]
    body = {"key": "spring-ads", "name": "Spring ads", "provider": "typeform", "is_active": "on"}
    with harbor.scope():
        body["source"] = str(Source.rows().get(key="landing-pages").id)
    assert ada.post("/admin/connectors/connection/add/", body).status_code == 302
    shown = page(dev, ADDRESS, at=TUESDAY_NINE)
    (added,) = [row for row in rows_of(shown) if "Spring ads" in row[1]]
    assert added[0] == "Arrival" and "No vendor is named for it" in added[5]
    assert "flow__box--stopped" in shown, "the picture shows what may carry nothing"
    steps = list(dict.fromkeys(row[0] for row in before))
    assert steps == [
        *("Arrival", "Qualification", "Routing", "Outreach", "Appointment", "Handing on", "Reporting", "Keeping")
    ]
    (ehr,) = [row for row in before if row[2] == "EHR"]
    assert ehr[3] == "sends PHI" and "Service" in ehr[4]
