"""Keys of events: bounded in length, and made of the values where the sender numbers nothing."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from apps.connectors.terms import Event

LONGEST_KEY, LONGEST_ID = 200, 120


def named(event: Event, received_at: datetime) -> Event:
    """Return the event with a key that fits its column.

    Without a key of the sender's, the same values on the same day (UTC) are the same event: a repeat by a nervous
    sender is one inquiry, and the same form sent again next month is another. A test under the id of a real
    inquiry is neither its repeat nor its update.
    """
    key = event.key or f"values:{received_at:%Y-%m-%d}:{digest_of_values(event)}"
    mark = "test:" if event.is_test else ""
    object_id = f"{mark}{event.object_id}" if event.object_id else ""
    return replace(event, key=_short(mark + key, LONGEST_KEY), object_id=_short(object_id, LONGEST_ID))


def digest_of_values(event: Event) -> str:
    """Return a digest of an event's kind and values, in whatever order they came."""
    values = {name: list(texts) for name, texts in event.values.items()}
    text = json.dumps([event.kind, event.is_test, event.ignored, values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
