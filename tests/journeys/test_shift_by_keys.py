"""A whole shift by keyboard alone: sign in, claim, log, qualify, book, hand off, sign out. No pointer is touched."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from playwright.sync_api import Browser, Page

from apps.appointments.models import Appointment
from apps.flows.people import deactivate_member
from apps.handoffs.models import Handoff
from apps.leads.models import Lead
from apps.onboarding.demo.second_factor import code_of
from apps.outreach.models import Activity
from apps.qualification.verdict_models import Qualification
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.live import Live
from tests.sign_in_page import PASSWORD

#: More stops than any page of the shift has before what is looked for.
MOST_STOPS = 90
#: What is wrong with where the focus stands: it cannot be seen, or it is nowhere.
FAULT = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return "";
  const style = getComputedStyle(it), box = it.getBoundingClientRect();
  const ring = parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none";
  const shown = ring || style.boxShadow !== "none" || getComputedStyle(it.parentElement).outlineStyle !== "none";
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return shown && inside ? "" : `${shown ? "outside" : "no ring"}: ${it.outerHTML.slice(0, 160)}`;
}"""


def keys(page: Page, *pressed: str) -> None:
    """Press keys and nothing else."""
    for key in pressed:
        page.keyboard.press(key)


def reach(page: Page, selector: str) -> None:
    """Press Tab until what is looked for has the focus; every stop on the way is seen, none is a trap."""
    for _ in range(MOST_STOPS):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        keys(page, "Tab")
        assert page.evaluate(FAULT) == "", page.url
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


def fill(page: Page, selector: str, text: str) -> None:
    """Reach a field and write into it in place of what stands there."""
    reach(page, selector)
    if page.evaluate("() => document.activeElement.value !== ''"):
        keys(page, "Control+a")
    page.keyboard.type(text)


@pytest.fixture
def leads(harbor: Tenant) -> list[Lead]:
    """Two leads of Ana's, who is alone in her team today."""
    with harbor.scope():
        for name in ("eli", "lena"):
            deactivate_member(actor=harbor.system, membership_id=harbor.member(name).id, now=TUESDAY_NINE)
    return [make_lead(harbor, at=TUESDAY_NINE + timedelta(seconds=n)) for n in range(2)]


def sign_in(page: Page, harbor: Tenant) -> None:
    user, secret = harbor.user("ana"), generate_totp_secret()
    TOTP.activate(user, secret)
    user.set_password(PASSWORD)
    user.save()
    page.goto("/")
    fill(page, "input[name=login]", user.email)
    fill(page, "input[name=password]", PASSWORD)
    keys(page, "Enter")
    page.wait_for_url("**/authenticate/**")
    fill(page, "input[name=code]", code_of(secret))
    keys(page, "Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def answer_all(page: Page) -> None:
    """Answer each question of the script with what it offers first."""
    names = page.eval_on_selector_all("#act [name^='V-']", "all => [...new Set(all.map(each => each.name))]")
    assert len(names) == 4
    for name in names:
        reach(page, f"[name='{name}']")
        keys(page, "Space" if page.evaluate("() => document.activeElement.type === 'radio'") else "ArrowDown")


def hand_off(page: Page) -> None:
    """Offer the lead to Scheduling: to whom, what was checked, what passes, and the last look."""
    reach(page, "[name=who]")
    keys(page, "Space")
    keys(page, "Control+Enter")
    page.wait_for_url("**step=2")
    for each in ("identity", "contact", "insurance", "expects"):
        reach(page, f"input[name=item-{each}]")
        keys(page, "Space")
    keys(page, "Control+Enter")
    page.wait_for_url("**step=3")
    reach(page, "input[name=confirmed]")
    keys(page, "Space")
    fill(page, "[name=next_step]", "Book an MRI")
    fill(page, "[name=eligibility]", "No implant")
    keys(page, "Control+Enter")
    page.wait_for_url("**step=4")
    keys(page, "Control+Enter")
    page.wait_for_url(lambda url: "/handoff/" not in url)


@pytest.mark.journey("E-08")
@pytest.mark.ux(18)
def test_a_whole_shift_by_keyboard_alone(live: Live, harbor: Tenant, leads: list[Lead], browser: Browser) -> None:
    live.start(at=TUESDAY_NINE + timedelta(minutes=2), worker=False)
    context = browser.new_context(base_url=live.url)
    ana = context.new_page()
    problems: list[str] = []
    ana.on("pageerror", lambda error: problems.append(str(error)))
    sign_in(ana, harbor)

    # n claims the best lead; l 1: they talked, in a sentence.
    keys(ana, "n")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")
    keys(ana, "l")
    ana.wait_for_url("**/log-call/")
    keys(ana, "1")
    fill(ana, "textarea[name=note]", "She would like to come this week.")
    keys(ana, "Control+Enter")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")

    # What has no key of its own stands in the palette: the questions that come before a verdict.
    keys(ana, "Control+k")
    ana.keyboard.type("verify")
    keys(ana, "Enter")
    ana.wait_for_url("**/verify/")
    answer_all(ana)
    keys(ana, "Control+Enter")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")

    # q: qualified, on a criterion, with a reason.
    keys(ana, "q")
    ana.wait_for_url("**/qualify/")
    reach(ana, "input[name=verdict]")
    keys(ana, "Space")
    reach(ana, "input[name=criteria]")
    keys(ana, "Space")
    fill(ana, "textarea[name=reason]", "Imaging interest and Elm match.")
    keys(ana, "Control+Enter")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")

    # b: a visit at a time that the scheduling desk confirmed.
    keys(ana, "b")
    ana.wait_for_url("**/book/")
    reach(ana, "input[name=starts_at]")
    for typed in ("12032026", "1030A"):
        ana.keyboard.type(typed)
        keys(ana, "Tab")
    reach(ana, "select[name=location]")
    ana.keyboard.type("Elm")
    fill(ana, "input[name=confirmed_by]", "by phone")
    keys(ana, "Control+Enter")
    ana.wait_for_url(lambda url: "/book/" not in url)

    # The next one is handed off: four steps, each by keys.
    keys(ana, "n")
    ana.wait_for_url(f"**/leads/{leads[1].id}/")
    keys(ana, "l")
    ana.wait_for_url("**/log-call/")
    keys(ana, "1")
    keys(ana, "Control+Enter")
    ana.wait_for_url(f"**/leads/{leads[1].id}/")
    keys(ana, "h")
    ana.wait_for_url("**/handoff/**")
    hand_off(ana)

    # Out again, by the palette.
    keys(ana, "Control+k")
    ana.keyboard.type("sign out")
    keys(ana, "Enter")
    ana.wait_for_url("**/accounts/**")
    context.close()
    with harbor.scope():
        assert {each.outcome for each in Activity.rows().filter(lead__in=leads)} == {"connected"}
        assert Qualification.rows().get(lead=leads[0]).verdict == "qualified"
        assert Appointment.rows().get(lead=leads[0]).confirmed_by == "by phone"
        assert Handoff.rows().get(lead=leads[1]).state == "offered"
    assert problems == []
