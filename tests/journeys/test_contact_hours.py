"""The evening comes while a lead is open: the page turns by itself, and the button is refused with the same words."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.live import Live

#: A Tuesday at nine in the evening in Chicago, where the person lives.
NINE_PM = TUESDAY_NINE + timedelta(hours=12)
#: What one more start of the web server and the lead's page may take before nine, in starts of before.
STARTS = 3


@pytest.mark.ux(6)
def test_the_call_tile_turns_at_nine_without_a_reload(
    live: Live, harbor: Tenant, page_as: Callable[[str], Page]
) -> None:
    lead = make_lead(harbor)
    early = NINE_PM - timedelta(minutes=10)
    live.start(at=early, worker=False)
    page = page_as(lead.owner.user.email.partition("@")[0])

    def opened_at(instant: datetime) -> float:
        begun = time.monotonic()
        live.stop()
        live.start(at=instant, worker=False)
        page.goto(f"/leads/{lead.id}/")
        return time.monotonic() - begun

    # What is waited for until nine is as long as this machine needs, not the slowest.
    ahead = timedelta(seconds=max(6.0, STARTS * opened_at(early)))
    opened_at(NINE_PM - ahead)
    tile = page.locator(".consent .tile").first
    expect(tile).to_contain_text("Call: Yes now")
    page.evaluate("window.sameDocument = true")
    expect(tile).to_contain_text("Call: Later", timeout=2_000 * ahead.total_seconds())
    expect(tile).to_contain_text("It is 21:00 in Chicago; opens")
    assert page.evaluate("window.sameDocument")
    page.evaluate(
        """(path) => {
          const form = Object.assign(document.createElement("form"), { method: "post", action: path });
          form.append(document.querySelector("input[name=csrfmiddlewaretoken]").cloneNode());
          document.body.append(form);
          form.submit();
        }""",
        f"/leads/{lead.id}/call/",
    )
    expect(page.locator("main")).to_contain_text("It is 21:0")
