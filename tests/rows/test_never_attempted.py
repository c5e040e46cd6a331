"""Row TK-11: leads that nobody has tried to reach are listed and counted."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page

OpenBrowser = Callable[..., Client]
AT = TUESDAY_NINE + timedelta(minutes=5)


@pytest.mark.row("TK-11")
def test_leads_that_nobody_tried_are_listed_and_counted(harbor: Tenant, client_as: OpenBrowser) -> None:
    leads = [make_lead(harbor) for _ in range(5)]
    tried, talked, called_us = leads[0], leads[1], leads[2]
    for lead, body in (
        (tried, {"kind": "call", "outcome": "no_answer"}),
        (talked, {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-03T16:00:00Z"}),
        (called_us, {"kind": "call", "outcome": "connected", "direction": "inbound"}),
    ):
        body |= {"next_action_at": "2026-12-03T16:00:00Z"}
        owner = client_as(lead.owner.user.email.partition("@")[0])
        assert ask(owner, "POST", f"/leads/{lead.id}/activities", body, at=AT).status_code == 201
    lena = client_as("lena")
    told = ask(lena, "GET", "/never-attempted", at=AT).json()
    assert (told["never_attempted"], told["open"]) == (2, 5)
    assert [each["ref"] for each in told["results"]] == [leads[3].ref, leads[4].ref]
    listed = page(lena, "/queue/?view=never", at=AT)
    assert set(re.findall(r'id="lead-(L-\d+)"', listed)) == {leads[3].ref, leads[4].ref}
    assert "Never attempted" in listed
    board = html.unescape(page(lena, "/board/", at=AT))
    assert '<a href="/queue/?view=never">2 of 5 never attempted</a>' in board
