"""The public form in a browser: by keys, in Spanish, with axe on each page, with and without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.capture.models import Submission
from apps.leads.models import Lead
from tests.axe import grave_findings
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE
from tests.live import Live, wait_until

#: By page, what is typed into which field; the rest is left as it is.
TYPED = ({}, {"postal_code": "60614"}, {}, {"first_name": "Sol", "phone": "(312) 555-0177"}, {})
MOST_BYTES = 60 * 1024


@pytest.fixture
def patient(live: Live, browser: Browser) -> Iterator[Page]:
    """A patient's Spanish browser on a small phone."""
    size = {"width": 320, "height": 640}
    context = browser.new_context(base_url=live.url, locale="es-MX", viewport=size)
    yield context.new_page()
    context.close()


def by_keys(page: Page, typed: dict[str, str]) -> None:
    """Fill in a page with the keyboard alone and press its button."""
    page.keyboard.press("Tab")
    while (name := page.evaluate("document.activeElement.name || document.activeElement.type || ''")) != "submit":
        if name in typed:
            page.keyboard.type(typed[name])
        if name == "consent_call":
            page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.ux(24)
def test_by_keys_in_spanish_with_a_proof_of_work_and_on_paper_thin_browsers(
    live: Live, harbor: Tenant, patient: Page, visitor: Page
) -> None:
    live.start(at=TUESDAY_NINE)
    address, loaded = f"/f/{harbor.slug}-visit/", []
    patient.on("response", lambda answer: loaded.append(answer))
    patient.goto(address)
    assert patient.locator("html").get_attribute("lang") == "es"
    sizes = [len(answer.body()) for answer in loaded]
    assert sum(sizes) <= MOST_BYTES and all(answer.url.startswith(live.url) for answer in loaded), sizes
    for place, typed in enumerate(TYPED, start=1):
        patient.wait_for_selector(f"text=Paso {place} de 6")
        assert grave_findings(patient) == []
        assert patient.evaluate("document.documentElement.scrollWidth") <= 320
        if place == 4:
            patient.keyboard.press("Tab")
            patient.locator("main button[type=submit]").press("Enter")
            patient.wait_for_selector("text=Hay un problema")
            assert patient.title().startswith("Error:")
            assert patient.evaluate("document.activeElement.className") == "problems"
            assert grave_findings(patient) == []
        by_keys(patient, typed)
    patient.wait_for_selector("text=Revise sus respuestas")
    assert grave_findings(patient) == []
    expect(patient.locator("[name=altcha]")).not_to_have_value("")
    patient.locator("main button[type=submit]").press("Enter")
    patient.wait_for_selector("text=Gracias. Hemos recibido su solicitud.")
    assert grave_findings(patient) == []

    visitor.goto(f"{address}embed/")
    visitor.fill("[name=first_name]", "Ida")
    visitor.fill("[name=phone]", "(312) 555-0178")
    visitor.check("[name=consent_call]")
    visitor.wait_for_timeout(2100)
    visitor.click("main button[type=submit]")
    visitor.wait_for_url("**/thanks/**")

    def arrived() -> bool:
        with harbor.scope():
            return Lead.rows().count() == 2

    wait_until(arrived, "both leads")
    with harbor.scope():
        signs = list(Submission.rows().order_by("stored_at").values_list("screening", flat=True))
    found = [{each["sign"] for each in row["signs"]} for row in signs]
    assert "proof_missing" not in found[0] and "proof_wrong" not in found[0]
    assert "proof_missing" in found[1]
