"""Journeys run against the product as it runs: web, worker and beat as processes, and a real browser."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.cast import Tenant
from tests.live import Live
from tests.program import Program
from tests.screens.windows import open_window

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs beside plain database calls

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(autouse=True)
def _own_line(nothing_in_line: None) -> None:
    """Let the worker of a journey see its own work only."""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """The running product; the test starts it at the instant it needs."""
    stack = Live(tmp_path)
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys of this process."""
    with sync_playwright() as playwright:
        path = os.environ.get("LEADCRM_CHROMIUM", "/usr/bin/chromium")
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page_as(live: Live, browser: Browser, harbor: Tenant) -> Iterator[Callable[[str], Page]]:
    """Return the browser window of a person who has signed in and stands on My work.

    Signing in by hand has journeys of its own (`test_empty_chair`, `test_lead_page`, `test_partner`).
    """
    contexts = []

    def window_of(name: str) -> Page:
        contexts.append(open_window(browser, live.url, harbor, name))
        page = contexts[-1].new_page()
        page.goto("/")
        return page

    yield window_of
    for context in contexts:
        context.close()


@pytest.fixture
def program(live: Live, harbor: Tenant) -> Callable[[str], Program]:
    """Return an agency's program: `program("bp-1")`."""
    return lambda name: Program(live.url, harbor.keys[name])


@pytest.fixture
def visitor(live: Live, browser: Browser) -> Iterator[Page]:
    """A patient's browser with JavaScript switched off."""
    context = browser.new_context(base_url=live.url, java_script_enabled=False)
    yield context.new_page()
    context.close()
