"""Events of senders without a contract: any names, flat or nested, an id and a time where usual names hold them."""

from collections.abc import Mapping
from typing import Any

from apps.connectors.decisions.answers import moment_of
from apps.connectors.decisions.bodies import flat, gathered
from apps.connectors.decisions.consent_fields import is_ticked
from apps.connectors.decisions.synonyms import folded
from apps.connectors.decisions.tracking import page_values
from apps.connectors.terms import Event, Unmappable

_IDS = ("external id", "submission id", "lead id", "event id", "entry id", "response id", "uuid", "id")
_TIMES = ("submitted at", "created at", "date created", "timestamp", "submission date", "created")
_TESTS = ("is test", "test", "test lead")
_PAGES = ("landing page", "page url", "source url", "page uri", "landing page url")
_EVIDENCE = {"ip": ("ip", "ip address", "remote ip"), "user_agent": ("user agent",), "page_url": _PAGES}


def free_event(fields: Mapping[str, Any]) -> Event:
    """Return the event that free fields are; raises Unmappable when nothing at all is said."""
    values = gathered(flat(dict(fields)))
    if not values:
        raise Unmappable("No field holds a value.")
    by_name = {folded(name): texts[0].strip() for name, texts in reversed(values.items())}
    own_id, test = _first(by_name, _IDS), _first(by_name, _TESTS)
    evidence = {name: text for name, names in _EVIDENCE.items() if (text := _first(by_name, names))}
    return Event(
        f"id:{own_id}" if own_id else "",
        own_id,
        values={**page_values(_first(by_name, _PAGES)), **values},
        evidence=evidence,
        submitted_at=moment_of(_first(by_name, _TIMES)),
        is_test=is_ticked(test),
    )


def _first(by_name: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((by_name[name] for name in names if by_name.get(name)), "")
