"""Which queue works by a channel that the person permits: who wants no calls lies in no call queue (row CN-05)."""

from collections.abc import Mapping

from apps.consent.terms import STOPS, Channel, ConsentValue
from apps.routing.terms import Network, QueueFact


def refused_in(facts: Mapping[str, object]) -> frozenset[str]:
    """Return the channels that the person refused, by the facts that rules see. What nobody told is no refusal."""
    return frozenset(str(each) for each in Channel if facts.get(f"consent_{each}") in STOPS)


def works_for(queue: QueueFact, refused: frozenset[str]) -> bool:
    """Say whether a queue may hold somebody who refused these channels: it names none, or one that is left."""
    return not queue.channels or not set(queue.channels) <= refused


def by_channel(queue: QueueFact, network: Network, facts: Mapping[str, object]) -> QueueFact:
    """Return the queue that takes the lead where this one works by channels alone that the person refused.

    It is an active one that names a channel which they permit, or did not refuse: the same team's first, then the same
    office's. Without any it is the same team's next queue that names no channel; without one the lead stays.
    """
    refused = refused_in(facts)
    if works_for(queue, refused):
        return queue
    granted = {str(each) for each in Channel if facts.get(f"consent_{each}") == ConsentValue.GRANTED}
    open_to = [each for each in network.queues if each.is_active and works_for(each, refused)]
    named = [each for each in open_to if each.channels]
    own = [each for each in open_to if each.team_key == queue.team_key]
    if not named and not own:
        return queue
    return min(
        named or own,
        key=lambda each: (
            not granted & set(each.channels),
            each.team_key != queue.team_key,
            each.location_key != queue.location_key,
            each.key,
        ),
    )
