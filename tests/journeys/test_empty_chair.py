"""Signing in, and an empty chair (UX check 23): covered, warned, kept by one press, and nothing typed is lost."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.live import Live
from tests.sign_in_page import sign_in_by_hand

MINUTE_MS = 60_000
WORDS = "Her sister drives, so two seats please"


@pytest.mark.ux(23, 9)
def test_an_empty_chair_is_covered_then_warned_and_one_press_keeps_all(
    live: Live, harbor: Tenant, page_as: Callable[[str], Page]
) -> None:
    lead = make_lead(harbor)
    live.start(at=TUESDAY_NINE, worker=False)
    name = lead.owner.user.email.partition("@")[0]
    page = page_as(name)
    page.clock.install()
    page.goto(f"/leads/{lead.id}/note/")
    page.fill("textarea[name=text]", WORDS)
    cover, told = page.locator("#cover"), page.locator("[data-cover-status]")
    page.clock.fast_forward(9 * MINUTE_MS)
    expect(cover).to_be_hidden()

    # Ten minutes without a touch: nothing of the page is to be seen, and Escape does not show it.
    page.clock.fast_forward(2 * MINUTE_MS)
    expect(cover).to_contain_text("Nobody has touched this page")
    expect(told).to_have_text("You will be signed out in 5 min. What you typed is kept.")
    corner = "() => document.elementFromPoint(innerWidth / 2, innerHeight - 4).closest('dialog, .frame').id"
    assert page.evaluate(corner) == "cover"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(cover).to_be_visible()

    # Two minutes before the end it warns; what is read out waits for the last minute.
    page.clock.fast_forward(2 * MINUTE_MS + 5_000)
    expect(page.locator("[data-cover-words]")).to_have_text("You will be signed out in 2 min. What you typed is kept.")
    expect(told).to_contain_text("in 5 min")
    with page.expect_response("**/stay/") as answer:
        page.get_by_role("button", name="Stay signed in").click()
    assert answer.value.status == 204
    expect(cover).to_be_hidden()
    assert page.input_value("textarea[name=text]") == WORDS

    # Nobody comes: it ends, and who signs in beside it finds the page as it was.
    page.clock.fast_forward(14 * MINUTE_MS + 30_000)
    expect(told).to_contain_text("in 1 min")
    page.clock.fast_forward(MINUTE_MS)
    expect(told).to_contain_text("You were signed out")
    Session.objects.all().delete()
    page.get_by_role("button", name="I have signed in").click()
    expect(cover.get_by_role("link", name="Sign in")).to_be_visible()
    beside = page.context.new_page()
    sign_in_by_hand(beside, harbor.user(name))
    beside.close()
    page.get_by_role("button", name="I have signed in").click()
    expect(cover).to_be_hidden()
    assert page.input_value("textarea[name=text]") == WORDS


@pytest.mark.ux(23)
def test_signing_in_takes_managers_and_paste_and_tells_nobody_who_exists(
    live: Live, harbor: Tenant, browser: Browser
) -> None:
    live.start(at=TUESDAY_NINE, worker=False)
    page = browser.new_context(base_url=live.url).new_page()
    said = []
    for address in (harbor.user("ana").email, "nobody@example.com"):
        page.goto("/accounts/login/")
        assert page.get_attribute("input[name=password]", "autocomplete") == "current-password"
        for field in ("login", "password"):
            taken = "(field) => field.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true}))"
            assert page.locator(f"input[name={field}]").evaluate(taken)
        page.fill("input[name=login]", address)
        page.fill("input[name=password]", "not the right one 7")
        page.click("main button[type=submit]")
        page.wait_for_load_state()
        assert page.title().startswith("Error:")
        said.append(page.inner_text("main"))
    assert said[0] == said[1]
    page.context.close()
