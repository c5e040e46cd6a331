"""Browser windows of people who have signed in already."""

from playwright.sync_api import Browser, BrowserContext

from tests.cast import Tenant
from tests.doors import sign_in


def open_window(browser: Browser, url: str, tenant: Tenant, who: str, **options: object) -> BrowserContext:
    """Return a window of a person of the cast, or of nobody; further options go to the browser."""
    context = browser.new_context(base_url=url, **options)  # type: ignore[arg-type]
    if who:
        client = sign_in(tenant.user(who))
        context.add_cookies([{"name": key, "value": each.value, "url": url} for key, each in client.cookies.items()])
    return context
