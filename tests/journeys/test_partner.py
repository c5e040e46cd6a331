"""An agency's person signs in, makes a key, sends a lead with it, and sees it in the log."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry
from tests.live import Live
from tests.program import Program
from tests.sign_in_page import sign_in_by_hand


def test_an_agency_starts_by_itself(live: Live, harbor: Tenant, page_as: Callable[[str], Page]) -> None:
    live.start(at=TUESDAY_NINE)
    page = page_as("bea")
    page.context.clear_cookies()
    sign_in_by_hand(page, harbor.user("bea"))
    expect(page).to_have_url(f"{live.url}/partner/")
    expect(page.get_by_role("heading", name="Start in three steps")).to_be_visible()

    # The six digits were given at sign-in just now, so a key may be made.
    page.get_by_label("Main").get_by_role("link", name="Keys").click()
    page.get_by_label("Name").fill("Landing pages")
    page.get_by_label("Live: delivers real leads").check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator("#secret").inner_text()
    assert secret.startswith("lk_live_")
    assert secret not in page.url
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text(f"{secret[:14]}…")).to_be_visible()
    expect(page.locator(".key", has_text="Landing pages").get_by_text("never")).to_be_visible()
    assert secret not in page.content()
    page.go_back()
    assert secret not in page.content()

    program = Program(live.url, secret)
    sent = program.post("/leads", inquiry(source="imaging-spring", external_id="walk-1"), Prefer="wait=10")
    assert (sent.status, sent.body["verdict"]) == (201, "new"), sent.body

    page.goto("/partner/deliveries/")
    row = page.locator("tbody tr", has_text="walk-1")
    expect(row.get_by_text("Accepted")).to_be_visible()
    row.get_by_role("link", name="walk-1").click()
    expect(page.get_by_text("Taken as a lead.")).to_be_visible()
    expect(
        page.get_by_text({name.lower(): text for name, text in sent.headers.items()}["x-request-id"])
    ).to_be_visible()
    assert "Lopez" not in page.content()

    # A test lead is judged while one looks on, and leaves the numbers as they were.
    page.get_by_label("Main").get_by_role("link", name="Test lead").click()
    page.get_by_label("First name").fill("Test")
    page.get_by_label("Phone").fill("(312) 555-0199")
    page.get_by_label("Service").fill("imaging")
    page.get_by_role("button", name="Send the test lead").click()
    expect(page.get_by_text("Routed", exact=True)).to_be_visible(timeout=20_000)
    page.goto("/partner/")
    expect(page.get_by_text("1 accepted, 0 rejected").first).to_be_visible()

    # Revoked, the key opens nothing any more.
    page.goto("/partner/keys/")
    key = page.locator(".key", has_text="Landing pages")
    key.get_by_text("Revoke").first.click()
    key.get_by_role("button", name="Revoke now").click()
    expect(page.get_by_text("is revoked")).to_be_visible()
    assert program.get("/deliveries").status == 401
