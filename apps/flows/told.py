"""What a person wrote to us about a lead so far, as the words that rules look at.

Messages are sealed, because they tell of somebody's health; the words are never stored with a decision's
facts, only which messages it heard. Reading them is in the ledger, in the product's own name.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.capture.text import words_for_rules
from apps.privacy import details
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id


@dataclass(frozen=True, slots=True)
class Told:
    """The words of each message, oldest first, and the ids of the messages: what a decision that hears them keeps."""

    words: tuple[str, ...]
    heard: tuple[UUID, ...]

    @property
    def text(self) -> str:
        """All words as one fact."""
        return " ".join(self.words)


def told(lead_id: UUID, until: datetime, *, reader: str) -> Told:
    """Return the words of each message up to an instant, with the messages' ids; `reader` says who reads and why."""
    actor = system_actor(current_organization_id(), reader)
    found = [
        each
        for each in reversed(details.read(actor=actor, subject_id=lead_id))
        if each.kind == "message" and each.created_at <= until
    ]
    return Told(tuple(words_for_rules(each.text) for each in found), tuple(each.id for each in found))


def words_told(lead_id: UUID, until: datetime, *, reader: str) -> list[str]:
    """Return only the words of `told`."""
    return list(told(lead_id, until, reader=reader).words)
