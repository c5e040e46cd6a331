"""The queue by keyboard alone: order and focus kept, many leads at once with the way back, a view kept."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.leads.models import Lead
from apps.workspace.models import SavedView
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.live import Live

START = TUESDAY_NINE + timedelta(minutes=20)


@pytest.fixture
def leads(harbor: Tenant) -> list[Lead]:
    """Eleven leads of Elm Calls, a minute apart."""
    return [make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=n)) for n in range(11)]


def keys(page: Page, *pressed: str) -> None:
    """Press keys and nothing else."""
    for key in pressed:
        page.keyboard.press(key)


@pytest.mark.row("TK-07")
@pytest.mark.ux(4)
def test_row_seven_three_on_and_back_stands_on_row_ten(
    live: Live, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=START, worker=False)
    lena = page_as("lena")
    lena.goto("/queue/?service=imaging&sort=captured")
    shown = lena.locator(".leads__open").evaluate_all("links => links.map(link => link.id)")
    assert shown == [f"lead-{lead.ref}" for lead in reversed(leads)]
    keys(lena, *"jjjjjjj", "Enter")
    lena.wait_for_url(f"**/leads/{leads[4].id}/*")
    for place in (3, 2, 1):
        keys(lena, "]")
        lena.wait_for_url(f"**/leads/{leads[place].id}/*")
    keys(lena, "Escape")
    lena.wait_for_url("**/queue/?service=imaging&sort=captured#*")
    expect(lena.locator(f"#lead-{leads[1].ref}")).to_be_focused()
    assert lena.locator(".leads__open").nth(9).get_attribute("id") == f"lead-{leads[1].ref}"


@pytest.mark.ux(15)
def test_many_leads_are_assigned_by_keyboard_previewed_and_taken_back(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    foreign = make_lead(
        harbor, at=TUESDAY_NINE + timedelta(minutes=15), source="web-ortho", request__service="orthopedics"
    )
    owners = {lead.id: reload(harbor, lead.id).owner_id for lead in leads}
    live.start(at=START, worker=False)
    lena = page_as("lena")
    problems: list[str] = []
    lena.on("pageerror", lambda error: problems.append(str(error)))
    lena.goto("/queue/")
    expect(lena.locator("#bulk")).to_be_hidden()
    keys(lena, "j", "x", "Shift+J", "Shift+J", *"jjjjjjjjj")
    expect(lena.locator("[data-bulk-count]")).to_have_text("3 selected")
    lena.locator(f"#row-{foreign.id} input").check()
    expect(lena.locator("[data-bulk-count]")).to_have_text("4 selected")
    if folder := os.environ.get("LEADCRM_PICTURES"):
        take_pictures(lena, folder)
    keys(lena, "a")
    lena.wait_for_url("**/queue/bulk/")
    lena.select_option("#id_to", "oak-calls")
    lena.fill("#id_reason", "Nearer home")
    keys(lena, "Enter")
    expect(lena.locator("#preview-title")).to_contain_text("3 will change, 1 cannot: 1 owned by")
    expect(lena.locator(".plain__item")).to_contain_text([foreign.ref])
    expect(lena.get_by_role("button", name="Do it for 3 leads")).to_be_focused()
    keys(lena, "Enter")
    expect(lena.locator("h1")).to_have_text("3 leads assigned")
    keys(lena, "u")
    expect(lena.locator("h1")).to_have_text("Taken back")
    assert {lead.id: reload(harbor, lead.id).owner_id for lead in leads} == owners
    assert problems == []


def test_a_view_is_kept_by_keyboard(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=START, worker=False)
    lena = page_as("lena")
    lena.goto("/queue/?view=late&service=imaging")
    keys(lena, "v")
    lena.wait_for_url("**/queue/views/new/*")
    expect(lena.locator("#id_name")).to_be_focused()
    lena.keyboard.type("Late imaging")
    keys(lena, "Enter")
    lena.wait_for_url("**/queue/?view=late&service=imaging")
    expect(lena.locator(".views__link[aria-current=page]")).to_have_text("Late imaging")
    with harbor.scope():
        assert SavedView.rows().get().words == {"view": "late", "service": "imaging"}


@pytest.mark.row("HC-12")
@pytest.mark.ux(3)
def test_two_who_ask_at_once_never_get_the_same_lead(
    live: Live, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=START, worker=False)
    first, second = page_as("lena"), page_as("ewa")
    for _ in range(4):
        with first.expect_navigation(), second.expect_navigation():
            for page in (first, second):
                page.evaluate("document.querySelector('form[data-key=n]').requestSubmit()")
        for page in (first, second):
            page.wait_for_selector("h1")
        took = [page.url.partition("/leads/")[2][:36] for page in (first, second)]
        assert took[0] != took[1] or took[0] == ""


def take_pictures(page: Page, folder: str) -> None:
    """Keep pictures of the queue at two widths, light and dark."""
    for width in (1366, 390, 320):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=f"{folder}/queue-{width}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 720})
