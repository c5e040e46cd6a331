"""Every screen for everybody: axe in both themes, 200 % zoom, 320 pixels, and with keys only in sight."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.axe import COLOURS, grave_findings
from tests.cast import new_tenant
from tests.live import Live
from tests.screens.catalogue import Screen, screens
from tests.screens.morning import NO_MORNING, NOW, Morning, make_morning
from tests.screens.windows import open_window

#: In the usual run every second screen is asked for the dark colours, too, and at 200 %; `make matrix` asks all.
FULL = os.environ.get("LEADCRM_MATRIX") == "full"
NAMES = [each.name for each in screens(NO_MORNING)]
#: The pages of the admin, and those about one lead, are many alike: the usual run opens every second of them.
ALIKE = ("admin-", "lead-")
ASKED = [name for place, name in enumerate(NAMES) if FULL or place % 2 or not name.startswith(ALIKE)]
#: A window; 1366 by 768 at 200 %; and the narrowest phone.
USUAL = {"width": 1280, "height": 720}
ZOOMED, NARROWEST = {"width": 683, "height": 384}, {"width": 320, "height": 640}
#: Wide pictures and tables scroll inside a region of their own; the page itself never does.
SIDEWAYS = (Path(__file__).parents[1] / "screens" / "sideways.js").read_text(encoding="utf-8")
COVERED = (Path(__file__).parents[1] / "screens" / "covered.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def morning() -> Morning:
    """A tenant with some leads."""
    return make_morning(new_tenant("harbor"), monday=6, tuesday=8)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, morning: Morning) -> Iterator[Live]:
    """The product, served a quarter past nine on that Tuesday."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    folder: Path = tmp_path_factory.mktemp("live")
    live = Live(folder)
    live.start(at=NOW, worker=False)
    yield live
    live.stop()


@pytest.fixture(scope="module")
def windows(site: Live, browser: Browser, morning: Morning) -> Iterator[Callable[[str], Page]]:
    """Return a person's page; one for all screens that they look at."""
    opened: dict[str, Page] = {}

    def page_of(who: str) -> Page:
        if who not in opened:
            opened[who] = open_window(browser, site.url, morning.tenant, who).new_page()
        return opened[who]

    yield page_of
    for page in opened.values():
        page.context.close()


@pytest.fixture
def screen(request: pytest.FixtureRequest, morning: Morning) -> Screen:
    """The screen of this test, with the addresses of this tenant."""
    return next(each for each in screens(morning) if each.name == request.param)


@pytest.fixture
def page(windows: Callable[[str], Page], screen: Screen) -> Iterator[Page]:
    """The page of the screen's reader, as wide as a screen; nothing of it is left to the next one."""
    page = windows(screen.who)
    page.set_viewport_size(USUAL)
    yield page
    page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")


def show(page: Page, screen: Screen) -> None:
    """Open the screen and what it is about."""
    answer = page.goto(screen.path)
    if screen.then is not None:
        screen.then(page)
    else:
        assert answer is not None and answer.status == screen.status


@pytest.mark.parametrize("screen", ASKED, indirect=True)
@pytest.mark.ux(16, 17)
def test_everybody_can_use_the_screen(page: Page, screen: Screen) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    show(page, screen)
    assert grave_findings(page) == [], "light"
    assert page.evaluate(COVERED) == []
    is_turn = FULL or NAMES.index(screen.name) % 2
    if is_turn:
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert grave_findings(page, COLOURS) == [], "dark"
    for size in (ZOOMED, NARROWEST) if is_turn else (NARROWEST,):
        page.set_viewport_size(size)
        assert page.evaluate(SIDEWAYS) == [], size
