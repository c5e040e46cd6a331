"""The lead page keeps its budget: statements, bytes, and what is fetched only when it is shown."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead

SOON = TUESDAY_NINE + timedelta(minutes=2)
#: Tables that the page itself asks: the lead with its lists, clocks, attempts, the person, tasks, health, story.
OWN = (
    "leads_lead",
    "sla_slatimer",
    "outreach_activity",
    "leads_person",
    "leads_task",
    "privacy_healthdetail",
    "leads_timelineentry",
)


@pytest.mark.ux(19)
def test_the_page_asks_seven_times_for_one_lead_however_long_its_story(harbor, client_as):
    lead, ana = make_lead(harbor, request__message="MRI before surgery"), client_as("ana")
    for wait in range(2):
        with travelling(to=SOON + timedelta(hours=wait)):
            if wait:
                values = {"kind": "call", "outcome": "no_answer", "next_at": "2026-12-02T10:15"}
                for _ in range(3):
                    assert ana.post(f"/leads/{lead.id}/log-call/", values).status_code == 303
            ana.get(f"/leads/{lead.id}/")
            with CaptureQueriesContext(connection) as asked:
                page = ana.get(f"/leads/{lead.id}/")
        own = [each["sql"] for each in asked if _asks(each["sql"])]
        assert len(own) <= len(OWN), own
        assert len(page.content) <= 60_000


def _asks(sql: str) -> bool:
    return sql.startswith("SELECT") and any(f'FROM "{table}"' in sql.partition("WHERE")[0] for table in OWN)


def test_what_lies_behind_a_lead_is_fetched_when_it_is_shown(harbor, client_as):
    lead, ana = make_lead(harbor), client_as("ana")
    page = ana.get(f"/leads/{lead.id}/").content.decode()
    assert f'hx-get="/leads/{lead.id}/background/"' in page
    assert "R-43" not in page.partition('id="background"')[2]
    behind = ana.get(f"/leads/{lead.id}/background/").content.decode()
    assert "routing rules, version 1" in behind and "<html" not in behind
    assert f'href="/leads/{lead.id}/why/"' in behind
