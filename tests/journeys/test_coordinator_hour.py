"""An hour of Ana's by keyboard alone: the next lead, a voicemail in three keys, the next one, a transfer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from apps.flows.people import deactivate_member
from apps.leads.models import Lead
from apps.outreach.models import Activity
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.live import Live


@pytest.fixture
def leads(harbor: Tenant) -> list[Lead]:
    """Three leads of Ana's, who is alone in her team today."""
    with harbor.scope():
        for name in ("eli", "lena"):
            deactivate_member(actor=harbor.system, membership_id=harbor.member(name).id, now=TUESDAY_NINE)
    return [make_lead(harbor, at=TUESDAY_NINE + timedelta(seconds=n)) for n in range(3)]


def keys(page: Page, *pressed: str) -> None:
    """Press keys and nothing else."""
    for key in pressed:
        page.keyboard.press(key)


@pytest.mark.row("TK-07")
@pytest.mark.ux(1, 18)
def test_the_hour_by_keyboard_alone(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=TUESDAY_NINE + timedelta(minutes=2), worker=False)
    ana = page_as("ana")
    problems: list[str] = []
    ana.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    ana.on("pageerror", lambda error: problems.append(str(error)))

    # n leases the best lead and opens it.
    keys(ana, "n")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")
    assert "You hold this lead until" in ana.inner_text("#lease")

    # l 2 Enter: a voicemail, and what saving does is said before it is saved.
    keys(ana, "l")
    ana.wait_for_url("**/log-call/")
    keys(ana, "2")
    assert ana.locator("input[name=outcome]:checked").get_attribute("value") == "voicemail"
    assert "Attempt 1 counted" in ana.inner_text("#effect")
    keys(ana, "Enter")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")
    with harbor.scope():
        assert Activity.rows().get(lead=leads[0]).outcome == "voicemail"

    # n: the next one; a skip needs its reason and goes on.
    keys(ana, "n")
    ana.wait_for_url(f"**/leads/{leads[1].id}/")
    keys(ana, "s")
    ana.wait_for_url("**/skip/")
    keys(ana, "1", "Enter")
    ana.wait_for_url(f"**/leads/{leads[2].id}/")

    # t: a transfer; inside its fields letters are letters.
    keys(ana, "t")
    ana.wait_for_url("**/transfer/")
    ana.focus("select[name=team]")
    ana.keyboard.type("Ortho")
    keys(ana, "Tab", "Tab", "Tab", "Tab")
    ana.keyboard.type("knee and next")
    assert ana.input_value("textarea[name=reason]") == "knee and next"
    keys(ana, "Tab", "Enter")
    ana.wait_for_url("**/queue/")
    with harbor.scope():
        assert Lead.rows().get(id=leads[2].id).owner_team_id == harbor.team("ortho-intake").id
    assert problems == []


def test_rows_the_list_and_back_to_the_row(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=TUESDAY_NINE + timedelta(minutes=2), worker=False)
    ana = page_as("ana")
    keys(ana, "g", "q")
    ana.wait_for_url("**/queue/")
    keys(ana, "j", "j", "k", "Enter")
    ana.wait_for_url(f"**/leads/{leads[0].id}/?from=*")
    keys(ana, "]")
    ana.wait_for_url(f"**/leads/{leads[1].id}/?from=*")
    keys(ana, "]")
    ana.wait_for_url(f"**/leads/{leads[2].id}/?from=*")
    keys(ana, "[")
    ana.wait_for_url(f"**/leads/{leads[1].id}/?from=*")
    keys(ana, "Escape")
    ana.wait_for_url(f"**/queue/#lead-{leads[1].ref}")
    ana.wait_for_selector(f"#lead-{leads[1].ref}:focus")


@pytest.mark.ux(18)
def test_the_sheet_the_palette_and_keys_switched_off(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=TUESDAY_NINE + timedelta(minutes=2), worker=False)
    ana = page_as("ana")
    ana.goto(f"/leads/{leads[0].id}/")
    keys(ana, "?")
    sheet = ana.locator("#keys-sheet")
    assert "Transfer" in sheet.inner_text() and "Next best lead" in sheet.inner_text()
    keys(ana, "Escape")
    assert ana.url.endswith(f"/leads/{leads[0].id}/")
    keys(ana, "Control+k", "Escape")
    assert not ana.locator("#keys-palette").is_visible()
    keys(ana, "Control+k")
    ana.keyboard.type("transf")
    assert ana.locator("#keys-palette kbd").all_inner_texts() == ["t"]
    keys(ana, "Enter")
    ana.wait_for_url("**/transfer/")

    # Letters inside a field are letters; "/" goes to the search.
    keys(ana, "/")
    ana.keyboard.type("nlt")
    assert ana.input_value("#search") == "nlt"

    ana.goto("/")
    keys(ana, "?")
    ana.check("#keys-sheet input[value=off]")
    ana.click("#keys-sheet .keys__mode button")
    ana.wait_for_load_state()
    keys(ana, "n", "g", "q", "?")
    ana.wait_for_timeout(300)
    assert ana.url == f"{live.url}/"
    assert not ana.locator("#keys-sheet").is_visible()
