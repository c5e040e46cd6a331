"""`make screens`: every screen, wide and narrow, light and dark, into docs/screens.

Starts services of its own on a fresh database, makes the demo's Harbor Health with a morning of leads,
serves the product at a quarter past nine on that Tuesday, and looks at it with a browser.
ONLY="queue lead" takes those screens alone and leaves the other pictures as they are.
"""

import base64
import importlib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bench.ground import Ground, ground, served
from leadcrm.stack.check import find_browser

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs beside plain database calls

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
PALETTE = Path(__file__).with_name("palette.js")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--hide-scrollbars"]
WIDTHS = {"wide": (1366, 900), "narrow": (390, 844)}
TALLEST = 900
#: A part that a page asks for after it came.
COMING = "[hx-trigger=load]"


def main() -> int:
    """Take the pictures; return 1 when a screen did not answer as it should."""
    began = time.monotonic()
    only = frozenset(os.environ.get("ONLY", "").split())
    with ground() as place:
        # Django's settings are known only now.
        morning_of, catalogue, cast = (
            importlib.import_module(f"tests.{name}") for name in ("screens.morning", "screens.catalogue", "cast")
        )
        tenant = cast.named_tenant("harbor")
        morning = morning_of.make_morning(tenant)
        print(f"{time.monotonic() - began:5.0f} s  the morning is made", flush=True)
        os.environ["LEADCRM_CLOCK_SHIFT_SECONDS"] = str(morning_of.NOW.timestamp() - time.time())
        wanted = [each for each in catalogue.screens(morning) if not only or each.name in only]
        faults = _take(place, tenant, wanted, empty=not only)
    size = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{time.monotonic() - began:5.0f} s  {len(wanted)} screens, {size / 1e6:.1f} MB in {FOLDER.name}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _take(place: Ground, tenant, wanted, *, empty: bool) -> list[str]:  # type: ignore[no-untyped-def]
    from tests.screens.windows import open_window

    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png") if empty else ():
        old.unlink()
    faults = []
    with served(place, "leadcrm.wsgi:application") as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        packer = browser.new_page()
        contexts: dict[str, BrowserContext] = {}
        for screen in wanted:
            if screen.who not in contexts:
                contexts[screen.who] = open_window(browser, f"http://127.0.0.1:{port}", tenant, screen.who)
            try:
                _picture(contexts[screen.who].new_page(), packer, screen)
            except Exception as error:  # noqa: BLE001 - the other screens are wanted all the same
                faults.append(f"{screen.name}: {str(error).splitlines()[0]}")
        browser.close()
    return faults


def _picture(page: Page, packer: Page, screen) -> None:  # type: ignore[no-untyped-def]
    for width, (across, down) in WIDTHS.items():
        page.set_viewport_size({"width": across, "height": down})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            answer = page.goto(screen.path)
            if screen.then is not None:
                screen.then(page)
            elif answer is None or answer.status != screen.status:
                raise RuntimeError(f"{screen.path} answered {answer and answer.status}, not {screen.status}")
            with suppress(PlaywrightTimeout):
                page.wait_for_selector(COMING, state="detached", timeout=20_000)
            tall = min(TALLEST, max(down, int(page.evaluate("document.documentElement.scrollHeight"))))
            page.set_viewport_size({"width": across, "height": tall})
            _write(page, packer, FOLDER / f"{screen.name}-{width}-{theme}.png")
            page.set_viewport_size({"width": across, "height": down})
    page.close()


def _write(page: Page, packer: Page, path: Path) -> None:
    shot = page.screenshot(animations="disabled")
    packed = packer.evaluate(PALETTE.read_text(encoding="utf-8"), base64.b64encode(shot).decode())
    path.write_bytes(base64.b64decode(packed))


if __name__ == "__main__":
    sys.exit(main())
