"""Campaign words and click ids: their targets, and how they are found in the address of a page."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from apps.capture.terms import CAMPAIGN_WORDS

TRACKING: Mapping[str, str] = {each: f"attribution.{each}" for each in CAMPAIGN_WORDS}
LANDING_PAGE = "landing_page"
_MOST_PARAMETERS = 100


def page_values(address: str) -> dict[str, list[str]]:
    """Return a page's address and the campaign words of its query, each under its own usual name."""
    address = address.strip()
    if not address.lower().startswith(("http://", "https://")):
        return {}
    try:
        pairs = parse_qsl(urlsplit(address).query, max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # no address, or a query beyond all measure: then it tells nothing
        pairs = []
    found: dict[str, list[str]] = {LANDING_PAGE: [address]}
    for name, text in pairs:
        if name.lower() in TRACKING and text.strip():
            found.setdefault(name.lower(), [text])
    return found


def with_page(values: Mapping[str, list[str]], address: str) -> dict[str, list[str]]:
    """Add what the page tells to the values; what the sender said itself stands."""
    return {**page_values(address), **values}
