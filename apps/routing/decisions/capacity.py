"""Which queue has room: a full one hands what comes next to its overflow queue (row HC-08)."""

from collections.abc import Iterable

from apps.routing.terms import Network, QueueFact


def with_room(queue: QueueFact, network: Network) -> tuple[QueueFact, tuple[QueueFact, ...]]:
    """Return the queue that takes one more lead, and the full ones on the way to it.

    Where every queue on the way is full, or the way ends, the first one keeps the lead: no lead is without a queue.
    """
    by_key = {each.key: each for each in network.queues if each.is_active}
    full: list[QueueFact] = []
    place: QueueFact | None = queue
    while place is not None and place.is_full and place not in full:
        full.append(place)
        place = by_key.get(place.overflow_key or "")
    if place is None or place in full:
        return queue, ()
    return place, tuple(full)


def to_lock(keys: Iterable[str], network: Network) -> tuple[str, ...]:
    """Return the queues with a capacity among these and on their overflow ways, in the order in which all lock them."""
    by_key = {each.key: each for each in network.queues}
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        queue = by_key.get(waiting.pop())
        if queue is not None and queue.capacity is not None and queue.key not in found:
            found.add(queue.key)
            waiting.append(queue.overflow_key or "")
    return tuple(sorted(found))
