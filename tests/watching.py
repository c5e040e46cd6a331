"""What a browser itself tells of a page: how long a key took until it was painted, and how far things moved unasked."""

from playwright.sync_api import Page

#: Chromium tells of events from this length on, in milliseconds; what is shorter counts as this long.
LEAST_MS = 16
#: To be run before a page's own scripts (`add_init_script`): keeps key times in `felt` and layout shifts in `moved`.
WATCH = """
  window.felt = []; window.moved = [];
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (each.interactionId) window.felt.push(each.duration);
  }).observe({type: "event", durationThreshold: 16, buffered: true});
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.moved.push(each.value);
  }).observe({type: "layout-shift", buffered: true});
"""


def moved(page: Page) -> float:
    """Return how far the page moved by itself: the sum of its layout shifts, without unit."""
    told: float = page.evaluate("() => window.moved.reduce((sum, each) => sum + each, 0)")
    return float(told)
