"""How tests sign an agency's person in, send deliveries for real, and read what the pages say."""

import html
import re
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, inquiry


def with_second_step(browser: Client, tenant: Tenant, name: str, *, seconds_ago: float = 0) -> Client:
    """Note in the session that the six digits were given, as the sign-in pages do."""
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - seconds_ago, "type": "totp"}]
    session["account_authentication_methods_user"] = str(tenant.user(name).pk)
    session.save()
    return browser


def words(answer: HttpResponse) -> str:
    """Return a page as it is read: no tags, single blanks."""
    text = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(text).split())


def hidden(answer: HttpResponse, name: str, place: int = 0) -> str:
    """Return the value of a hidden field."""
    found = re.findall(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', answer.content.decode())
    return html.unescape(found[place])


def secret_in(answer: HttpResponse) -> str:
    """Return the key that the page shows."""
    found = re.search(r'<code id="secret"[^>]*>(lk_[a-z]+_[0-9a-f]+)</code>', answer.content.decode())
    assert found is not None, answer.content.decode()
    return found[1]


def make_key(browser: Client, **changes: Any) -> HttpResponse:
    """Fill in the form of a new key."""
    once = hidden(browser.get("/partner/keys/"), "once", -1)
    body = {"name": "Landing pages", "mode": "live", "scopes": ["delivery:post", "delivery:read"], "once": once}
    answer: HttpResponse = browser.post("/partner/keys/", {**body, **changes})
    return answer


def deliver(tenant: Tenant, program: Api, **changes: Any) -> str:
    """Deliver one lead through the API and let the worker judge it; return the id of the delivery."""
    with travelling(to=TUESDAY_NINE):
        answer = program.post("/leads", inquiry(**{"source": "imaging-spring", **changes}))
    assert answer.status_code == 202, answer.content.decode()
    tenant.drain(TUESDAY_NINE)
    return str(answer.json()["id"])


def at_nine(ask: Callable[[], HttpResponse]) -> HttpResponse:
    """Ask on the Tuesday at nine on which the deliveries came."""
    with travelling(to=TUESDAY_NINE):
        return ask()
