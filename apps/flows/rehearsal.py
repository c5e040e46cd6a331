"""A rehearsal: the whole work is done and then taken back; only what it found out remains.

It takes the same way as the real thing, so what it says is what would happen. Nothing of it is left: no
person, no lead, no turn in a queue, no message, no entry in the ledger but the outcome's own.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from apps.audit import ledger

Found = TypeVar("Found")


class _TakenBack(Exception):
    """Leaves the savepoint without keeping anything."""


def rehearse(work: Callable[[], Found]) -> Found:
    """Do the work inside a savepoint, undo it, and return what it returned. Its own errors go on upwards."""
    found: list[Found] = []
    with ledger.unrecorded():
        try:
            with transaction.atomic():
                found.append(work())
                raise _TakenBack
        except _TakenBack:
            return found[0]
