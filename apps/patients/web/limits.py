"""Made-up links: whoever tries many of them is told to wait. Counted in this process, by network address."""

from collections import OrderedDict, deque
from threading import Lock
from time import monotonic

#: So many links that never were may be tried from one address in a minute; so many addresses are remembered.
MOST_MISSES, WITHIN_SECONDS, REMEMBERED = 30, 60.0, 10_000

_misses: OrderedDict[str, deque[float]] = OrderedDict()
_lock = Lock()


def is_guessing(address: str) -> bool:
    """Say whether an address tried so many links lately that never were that no more of its are looked up."""
    with _lock:
        return len(_recent(address)) >= MOST_MISSES


def note_miss(address: str) -> None:
    """Remember that a link was none."""
    with _lock:
        _recent(address).append(monotonic())
        _misses.move_to_end(address)
        while len(_misses) > REMEMBERED:
            _misses.popitem(last=False)


def _recent(address: str) -> deque[float]:
    found = _misses.setdefault(address, deque(maxlen=MOST_MISSES))
    while found and monotonic() - found[0] > WITHIN_SECONDS:
        found.popleft()
    return found
