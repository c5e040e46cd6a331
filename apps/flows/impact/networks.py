"""Networks of past decisions, read from their text. Most of a network is as it was for the lead before.

What was read is kept by its text: offices as a whole, for they seldom change, and queues one by one, for of a dozen
queues a lead changes how full one or two are.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from apps.routing.decisions.records import network_from_json
from apps.routing.terms import Network, Office, Place, QueueFact

MOST_NETWORKS, MOST_QUEUES = 256, 8192
_queues_read: dict[str, QueueFact] = {}
_QUEUE = re.compile(r"\{[^{}]*\}")


def network_of(offices: str | None, queues: str | None, skills: str | None, place: Place | None) -> Network:
    """Return a stored network from the texts of its parts."""
    return Network(_offices(offices or "[]"), _queues(queues or "[]"), place, _skills(skills or "[]"))


def place_of(kept: Mapping[str, Any] | None) -> Place | None:
    """Return the place that a lead was measured from."""
    return network_from_json({"place": kept}).place if kept else None


@lru_cache(maxsize=MOST_NETWORKS)
def _offices(text: str) -> tuple[Office, ...]:
    return network_from_json({"offices": json.loads(text)}).offices


@lru_cache(maxsize=MOST_NETWORKS)
def _skills(text: str) -> tuple[str, ...]:
    return network_from_json({"skills": json.loads(text)}).skills


@lru_cache(maxsize=MOST_NETWORKS)
def _queues(text: str) -> tuple[QueueFact, ...]:
    if len(_queues_read) > MOST_QUEUES:
        _queues_read.clear()
    found = _QUEUE.findall(text)
    with suppress(ValueError):  # a brace in a name: the text cannot be parted by braces
        if f"[{', '.join(found)}]" == text:
            return tuple(_queues_read.get(each) or _queue(each) for each in found)
    return network_from_json({"queues": json.loads(text)}).queues


def _queue(text: str) -> QueueFact:
    found = _queues_read[text] = network_from_json({"queues": [json.loads(text)]}).queues[0]
    return found
