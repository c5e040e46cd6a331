"""What a person wrote to us about a lead so far, as the words that rules look at.

Messages are sealed, because they tell of somebody's health; the words are never stored with a decision's
facts. Reading them is in the ledger, in the product's own name.
"""

from datetime import datetime
from uuid import UUID

from apps.capture.text import words_for_rules
from apps.privacy import details
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id


def words_told(lead_id: UUID, until: datetime, *, reader: str) -> list[str]:
    """Return the words of each message up to an instant, oldest first; `reader` says who reads and why."""
    actor = system_actor(current_organization_id(), reader)
    found = [
        words_for_rules(each.text)
        for each in details.read(actor=actor, subject_id=lead_id)
        if each.kind == "message" and each.created_at <= until
    ]
    return found[::-1]
