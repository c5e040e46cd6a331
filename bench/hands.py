"""What a hand feels in a real browser: from a key to the paint, and what moves on the page while updates stream in."""

import os
import time
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread

from django.db import connection
from playwright.sync_api import Page, sync_playwright

from apps.accounts.models import User
from apps.leads.models import Lead
from apps.tenancy.clock import database_now
from bench.ground import OPEN_HOURS, Ground
from tests.cast import Tenant
from tests.doors import sign_in
from tests.journeys.conftest import FLAGS
from tests.live import Live
from tests.watching import LEAST_MS, WATCH, moved

#: So many keys are pressed on a page, so long a person waits between two, and so long updates stream in, five a second.
PRESSES, PAUSE_MS, STREAM_SECONDS, UPDATES_A_SECOND = 40, 120, 30, 5


@dataclass(frozen=True, slots=True)
class Felt:
    """What keys did on a page: how many were pressed, and the milliseconds of each until it was painted."""

    page: str
    presses: int
    painted_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hands:
    """All that was felt, and how much of a page moved by itself (the sum of its layout shifts) while updates came."""

    felt: list[Felt]
    shifts: dict[str, float]
    updates: int


def measure(place: Ground, tenant: Tenant, user: User) -> Hands:
    """Press keys on the queue, a lead and its forms; then rest the hand while other people's changes arrive."""
    live = Live(place.folder)
    live.start(at=OPEN_HOURS, worker=False)
    try:
        with sync_playwright() as playwright:
            path = os.environ.get("LEADCRM_CHROMIUM", "/usr/bin/chromium")
            chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
            context = chromium.new_context(base_url=live.url, viewport={"width": 1366, "height": 768})
            cookies = sign_in(user).cookies.items()
            context.add_cookies([{"name": name, "value": each.value, "url": live.url} for name, each in cookies])
            context.add_init_script(WATCH)
            found = _felt_and_moved(context.new_page(), tenant)
            chromium.close()
            return found
    finally:
        live.stop()


def _felt_and_moved(page: Page, tenant: Tenant) -> Hands:
    page.goto("/queue/")
    _wait(page)
    felt = [_pressed(page, "queue: j, k", ["j", "j", "j", "k"])]
    felt.append(_pressed(page, "queue: x picks and lets go", ["x", "x"]))
    shifts, updates = {}, 0
    page.goto("/queue/")
    shifts["queue"], updates = _resting(page, tenant)
    page.locator("tbody .leads__open").first.click()
    page.wait_for_url("**/leads/**")
    _wait(page)
    felt.append(_pressed(page, "lead: tab by tab", ["Tab"]))
    felt.append(_pressed(page, "lead: the palette opens and closes", ["Control+k", "Escape"]))
    page.goto(page.url)
    shifts["lead"], more = _resting(page, tenant)
    return Hands(felt, shifts, updates + more)


def _pressed(page: Page, name: str, keys: list[str]) -> Felt:
    page.evaluate("() => { window.felt = []; }")
    for number in range(PRESSES):
        page.keyboard.press(keys[number % len(keys)])
        page.wait_for_timeout(PAUSE_MS)
    told: list[float] = page.evaluate("() => window.felt")
    return Felt(name, PRESSES, told)


def _wait(page: Page) -> None:
    """Wait until the page's late parts are there and its stream is open."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def _resting(page: Page, tenant: Tenant) -> tuple[float, int]:
    """Let other people's changes arrive; return how far the page moved, and how many there were."""
    _wait(page)
    page.evaluate("() => { window.moved = []; }")
    over, made = Event(), list[int]()
    changes = Thread(target=_change, args=(tenant, over, made))
    changes.start()
    page.wait_for_timeout(1000 * STREAM_SECONDS)
    over.set()
    changes.join()
    page.wait_for_timeout(1000)
    return moved(page), len(made)


def _change(tenant: Tenant, over: Event, made: list[int]) -> None:
    """Move the due times of leads on the first page of the queue, five a second, until it is over."""
    try:
        with tenant.scope():
            opened = Lead.rows().filter(closed_at__isnull=True, due_at__isnull=False)
            ids = list(opened.order_by("due_at").values_list("id", flat=True)[:50])
        while not over.is_set():
            with tenant.scope():
                due = database_now() + timedelta(minutes=(len(made) * 7) % 60)
                Lead.rows().filter(id=ids[len(made) % len(ids)]).update(due_at=due)
            made.append(1)
            time.sleep(1 / UPDATES_A_SECOND)
    finally:
        connection.close()


def interaction_ms(felt: list[Felt]) -> float:
    """Return the INP: the slowest of so few presses, or the 98th percentile of many."""
    told = sorted((each for page in felt for each in page.painted_ms), reverse=True)
    presses = sum(page.presses for page in felt)
    return told[min(presses // 50, len(told) - 1)] if told else LEAST_MS
