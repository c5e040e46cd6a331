"""E-07, step 4, in a browser: the page behind the link on a small phone, with axe, and answered without a script."""

import os

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page

from tests.axe import grave_findings
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.links import links_mailed
from tests.live import Live
from tests.rows.test_exceptions import NO_LOCATION

MARIA = "maria.phone@example.com"


@pytest.mark.journey("E-07")
@pytest.mark.ux(24)
def test_the_link_is_answered_on_a_phone_without_a_script(
    live: Live, harbor: Tenant, browser: Browser, visitor: Page
) -> None:
    live.start(at=TUESDAY_NINE, worker=False)
    mail.outbox.clear()
    lead = make_lead(harbor, **NO_LOCATION, person__email=MARIA)
    (link,) = links_mailed(MARIA)
    context = browser.new_context(base_url=live.url, viewport={"width": 390, "height": 780}, locale="en-US")
    phone, pictures = context.new_page(), os.environ.get("LEADCRM_PICTURES", "")

    def seen(name: str) -> None:
        phone.goto(f"{link}?lang=es" if name == "spanish" else link)
        assert grave_findings(phone) == [], name
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, name
        if pictures:
            phone.screenshot(path=f"{pictures}/{name}.png", full_page=True)

    seen("name")
    visitor.set_viewport_size({"width": 390, "height": 780})
    visitor.goto(link)
    visitor.click("main button[type=submit]")
    assert visitor.title().startswith("Error:") and "There is a problem" in visitor.inner_text("main")
    visitor.fill("[name=name]", "Lopez")
    visitor.click("main button[type=submit]")
    seen("office")
    seen("spanish")
    visitor.check("input[value=evanston]")
    visitor.click("main button[type=submit]")
    assert "There is nothing more to do" in visitor.inner_text("main")
    seen("used")
    context.close()
    found = reload(harbor, lead.id)
    assert (found.location.key, found.queue.key, found.exception) == ("evanston", "evanston-calls", "")
