"""A reviewer decides about a pair without a mouse, and nothing on the pages stands in the way of a screen reader."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.identity.models import DuplicatePair
from tests.axe import grave_findings
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.live import Live


@pytest.mark.ux(18)
def test_a_pair_is_kept_apart_by_keys_alone(live: Live, harbor: Tenant, page_as: Callable[[str], Page]) -> None:
    for first_name in ("Juana", "J."):
        make_lead(harbor, at=TUESDAY_NINE, person__first_name=first_name)
    live.start(at=TUESDAY_NINE + timedelta(minutes=10), worker=False)
    page = page_as("ewa")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Duplicates")
    assert grave_findings(page) == []
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two people or one?")
    assert grave_findings(page) == []
    page.keyboard.press("3")
    expect(page.locator("#separate")).to_be_checked()
    page.locator("#separate").press("Tab")
    page.keyboard.type("Mother and daughter")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No pair is waiting.")).to_be_visible()
    with harbor.scope():
        assert DuplicatePair.rows().values_list("state", "reason").get() == ("separate", "Mother and daughter")
