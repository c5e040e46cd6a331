"""Screens without a mouse: focus stays in sight, shapes survive forced colours, keys can be switched, and paper."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from apps.leads.models import Lead
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.live import Live

HIDDEN = (Path(__file__).parents[1] / "screens" / "hidden.js").read_text(encoding="utf-8")
ZOOMED, NARROWEST = {"width": 683, "height": 384}, {"width": 320, "height": 640}
STOPS = 45


@pytest.fixture
def lead(live: Live, harbor: Tenant) -> Lead:
    """A lead that came an hour ago, so that its clocks show; the product runs."""
    made = make_lead(harbor, at=TUESDAY_NINE, person__first_name="Odile", person__last_name="Quarrington")
    live.start(at=TUESDAY_NINE + timedelta(hours=1), worker=False)
    return made


def owner_of(tenant: Tenant, lead: Lead) -> str:
    """Return the first name of the lead's owner."""
    with tenant.scope():
        found = Lead.rows().select_related("owner__user").get(id=lead.id).owner
    assert found is not None
    return found.user.email.partition("@")[0]


@pytest.mark.ux(17)
def test_focus_is_never_wholly_hidden_under_pinned_bars(
    harbor: Tenant, lead: Lead, page_as: Callable[[str], Page]
) -> None:
    page = page_as(owner_of(harbor, lead))
    for size in (ZOOMED, NARROWEST):
        page.set_viewport_size(size)
        for path in ("/", "/queue/", f"/leads/{lead.id}/", f"/leads/{lead.id}/log-call/"):
            page.goto(path)
            for _ in range(STOPS):
                page.keyboard.press("Tab")
                assert page.evaluate(HIDDEN) == "", (path, size)


@pytest.mark.ux(25)
def test_shapes_survive_forced_colours_and_nothing_moves(
    harbor: Tenant, lead: Lead, page_as: Callable[[str], Page]
) -> None:
    page = page_as(owner_of(harbor, lead))
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.goto(f"/leads/{lead.id}/")
    ring = page.locator(".sla svg").first
    assert ring.is_visible()
    # What the marker paints with is a colour of the system, not the ground it stands on.
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    mark = ring.evaluate("(svg) => getComputedStyle(svg).color")
    assert mark != ground
    longest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("body *")].map((each) => {
          const style = getComputedStyle(each);
          return Math.max(...`${style.transitionDuration},${style.animationDuration}`.split(",").map(parseFloat));
        }))"""
    )
    assert longest <= 0.01


@pytest.mark.ux(25)
def test_the_printed_lead_fits_two_sheets_and_names_one_person(
    harbor: Tenant, lead: Lead, page_as: Callable[[str], Page]
) -> None:
    make_lead(harbor, at=TUESDAY_NINE, person__first_name="Zebulon", person__last_name="Featherstone")
    page = page_as(owner_of(harbor, lead))
    page.emulate_media(color_scheme="dark")
    page.goto(f"/leads/{lead.id}/")
    paper = page.pdf(format="Letter", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2
    page.emulate_media(media="print", color_scheme="dark")
    said = page.inner_text("body")
    assert "Odile Quarrington" in said and "Featherstone" not in said and "Zebulon" not in said
    foot = page.locator(".print-foot")
    assert foot.is_visible()
    assert re.search(rf"{lead.ref}.*Printed by .+10:0\d.*for care coordination", foot.inner_text())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("header.bar").is_visible() and not page.locator("nav.rail").is_visible()
    # On the other sheet of the browser nothing of it is to be seen.
    page.emulate_media(media="screen")
    assert not foot.is_visible()


def choose_keys(page: Page, mode: str) -> None:
    """Choose how single keys work, on the sheet of keys."""
    page.locator("[data-keys-open]").first.evaluate("(button) => button.click()")
    page.check(f"#keys-sheet input[value={mode}]")
    page.click("#keys-sheet .keys__mode button")
    page.wait_for_load_state()


@pytest.mark.row("TK-07")
@pytest.mark.ux(18)
def test_keys_by_letter_with_alt_or_off_in_every_browser_of_a_person(
    live: Live, harbor: Tenant, lead: Lead, page_as: Callable[[str], Page]
) -> None:
    name = owner_of(harbor, lead)
    page = page_as(name)
    page.goto("/")
    choose_keys(page, "off")
    for key in ("n", "g", "q", "?", "/", "j", "Alt+n", "Alt+g"):
        page.keyboard.press(key)
    assert page.url == f"{live.url}/"
    assert page.evaluate("document.activeElement.id") != "search"
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Control+k")  # needs a modifier, so it stays
    assert page.locator("#keys-palette").is_visible()
    page.keyboard.press("Escape")

    choose_keys(page, "alt")
    page.keyboard.press("g")
    page.keyboard.press("q")
    assert page.url == f"{live.url}/"
    page.keyboard.press("Alt+g")
    page.keyboard.press("Alt+q")
    page.wait_for_url("**/queue/")

    # Another browser of the same person knows; a colleague's letters stay letters.
    page = page_as(name)
    page.goto("/")
    assert page.get_attribute("body", "data-keys") == "alt"
    colleague = page_as("ben")
    colleague.goto("/")
    assert colleague.get_attribute("body", "data-keys") == "letters"


@pytest.mark.ux(18)
def test_a_command_takes_a_key_of_ones_own_and_gives_its_own_in_exchange(
    harbor: Tenant, lead: Lead, page_as: Callable[[str], Page]
) -> None:
    page = page_as(owner_of(harbor, lead))
    page.goto(f"/leads/{lead.id}/")
    page.keyboard.press("?")
    page.select_option("[data-keys-commands]", "t")
    page.fill("#keys-sheet input[name=chosen]", "l")
    page.click("#keys-sheet [data-keys-own-form] button")
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type("transf")
    assert page.locator("#keys-palette kbd").all_inner_texts() == ["l"]
    page.keyboard.press("Escape")
    page.wait_for_selector("#keys-palette", state="hidden")
    page.keyboard.press("l")
    page.wait_for_url("**/transfer/")
    # What had the letter before is where the other one was.
    page.goto(f"/leads/{lead.id}/")
    page.keyboard.press("t")
    page.wait_for_url("**/log-call/")


@pytest.mark.ux(22)
def test_no_name_or_number_outside_the_page_itself(
    live: Live, harbor: Tenant, lead: Lead, page_as: Callable[[str], Page]
) -> None:
    page = page_as(owner_of(harbor, lead))
    outside: list[str] = []
    uncached: list[str] = []
    page.on("console", lambda said: outside.append(said.text))
    page.on("request", lambda request: outside.extend([request.url, request.headers.get("referer", "")]))

    def check(response) -> None:  # type: ignore[no-untyped-def]
        path = response.url.removeprefix(live.url)
        if not path.startswith("/static/") and response.headers.get("cache-control") != "no-store":
            uncached.append(path)

    page.on("response", check)
    point = lead.person.contact_points
    with harbor.scope():
        secrets = ["odile", "quarrington", *(row.value.lower().lstrip("+1") for row in point.all())]
    for path in ("/", "/queue/", f"/leads/{lead.id}/", f"/leads/{lead.id}/why/", f"/leads/{lead.id}/log-call/"):
        page.goto(path)
        outside += [page.title(), page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")]
    page.goto("/")
    page.fill("#search", "Quarrington")
    page.press("#search", "Enter")
    page.wait_for_url("**/search/")
    outside += [page.title(), page.url, page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")]
    assert len(secrets) >= 3
    assert [(word, text) for text in outside for word in secrets if word in text.lower()] == []
    assert uncached == []
