"""A routing rule changed by one person, approved by another, taken by the next lead and named on its page."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from apps.leads.models import Lead
from apps.policies.queries import version_in_force
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry
from tests.live import Live, wait_until
from tests.program import Program

FILED = "location"


def rule_page(tenant: Tenant) -> str:
    """Return the address of rule R-40 in the version that rules."""
    with tenant.scope():
        live = version_in_force("routing", TUESDAY_NINE)
    assert live is not None
    return f"/admin/policies/rulesetversion/{live.id}/rule/?at=/layers/{FILED}/rules/0"


def post(program: Program) -> None:
    """Post an imaging inquiry for Elm St, as BrightPath's program does."""
    source = {"source": "imaging-spring", "request__service": "imaging", "request__location": "elm-st"}
    assert program.post("/leads", inquiry(**source)).status in (201, 202)


def newest(tenant: Tenant, count: int) -> Lead | None:
    """Return the newest lead once there are so many, routed."""
    with tenant.scope():
        rows = Lead.rows().select_related("queue").order_by("-number")
        return rows.first() if rows.count() == count and rows[0].queue_id else None


@pytest.mark.row("RT-20")
@pytest.mark.ux(13)
def test_the_next_lead_goes_by_the_new_rule_and_back_after_the_rollback(
    live: Live, harbor: Tenant, page_as: Callable[[str], Page], program: Callable[[str], Program]
) -> None:
    live.start(at=TUESDAY_NINE + timedelta(minutes=5))
    agency = program("bp-1")
    said: list[str] = []

    # Cleo sends agency deliveries elsewhere; the draft shows the sentences that change.
    cleo = page_as("cleo")
    cleo.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    cleo.on("request", lambda each: said.append(each.url) if is_foreign(each.url) else None)
    cleo.goto(rule_page(harbor))
    cleo.get_by_label("Send to queue").select_option("nurse-line")
    cleo.get_by_label("Why this changes").fill("Nurses verify what agencies deliver.")
    cleo.get_by_role("button", name="Save as draft").click()
    cleo.wait_for_url("**/change/")
    draft = cleo.url
    assert "send to Nurse Line" in cleo.locator("ins").first.inner_text()
    assert cleo.get_by_role("button", name="Approve").count() == 0

    # Until somebody else approved it, nothing changes.
    post(agency)
    first = wait_until(lambda: newest(harbor, 1), "the first lead")
    assert first.queue.key != "nurse-line"

    dev = page_as("dev")
    dev.goto(draft)
    assert dev.get_by_role("button", name="Approve").count() == 0
    dev.get_by_role("button", name="Run the tests").click()
    dev.wait_for_selector("text=treated otherwise than today")
    dev.get_by_role("button", name="Approve").click()
    dev.wait_for_load_state()
    post(agency)
    second = wait_until(lambda: newest(harbor, 2), "the second lead")
    assert second.queue.key == "nurse-line"
    ivy = page_as("ivy")
    ivy.goto(f"/leads/{second.id}/")
    ivy.get_by_text("Why is this lead here?").first.click()
    ivy.wait_for_selector("main >> text=R-40")
    assert "version 2" in ivy.inner_text("main")
    assert ivy.goto(f"/leads/{second.id}/why/") is not None
    assert "R-40" in ivy.inner_text("main")

    # Back in two clicks and a reason; the next lead goes the old way.
    with harbor.scope():
        old = version_in_force("routing", TUESDAY_NINE)
    assert old is not None
    dev.goto(f"/admin/policies/rulesetversion/{old.id}/change/")
    dev.get_by_text("Roll back to this version").click()
    dev.get_by_label("Why go back to this version?").fill("Too many for the nurses.")
    dev.get_by_role("button", name="Let it rule again now").click()
    dev.wait_for_load_state()
    post(agency)
    third = wait_until(lambda: newest(harbor, 3), "the third lead")
    assert third.queue.key == first.queue.key
    assert said == []


def is_foreign(url: str) -> bool:
    """Say whether a request left the product; the event stream is another port of the same host."""
    return urlsplit(url).hostname != "127.0.0.1"
