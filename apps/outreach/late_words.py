"""Words that are put into a message when it goes and are kept nowhere: a link's token stands in the mail alone.

A message keeps the place open ("{link}"). Who asks for the message registers, by its purpose, what fills the place.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from apps.outreach.models import Message

#: Returns the words, or None where the message is not wanted any more.
LateWords = Callable[[Message, datetime], Mapping[str, str] | None]

_fillers: dict[str, LateWords] = {}


def fills(purpose: str) -> Callable[[LateWords], LateWords]:
    """Register what fills the open places of messages of a purpose, within the transaction that claims them."""

    def register(filler: LateWords) -> LateWords:
        _fillers[purpose] = filler
        return filler

    return register


def filler_of(purpose: str) -> LateWords | None:
    """Return what fills messages of a purpose; None where nothing is left open in them."""
    return _fillers.get(purpose)
