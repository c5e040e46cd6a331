"""What axe finds on a page: rules of WCAG 2.0 to 2.2, A and AA, with the size of targets switched on."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
OPTIONS = {
    "runOnly": {"type": "tag", "values": list(TAGS)},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
#: What another colour scheme can change.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
#: The first two dozen of many alike stand for all: rows of a list (the admin's are a `tbody` each), and operations of
#: the API's page.
ALIKE = {"exclude": [[f"{each}:nth-of-type(n+25)"] for each in ("tbody > tr", "tbody", ".operation")]}
AXE = Axe()
GRAVE = frozenset({"serious", "critical"})


def grave_findings(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Return one line for each rule and place that a person with a disability would stumble over."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.axe_script)  # half a megabyte: read once by each page, whatever is asked of it
    found: dict[str, Any] = page.evaluate("each => axe.run(...each)", [ALIKE, options or OPTIONS])
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))}: {_why(node)}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return checks[0]["message"] if checks else node["html"]
