"""What a restricted lead's page says: that it is restricted, how to open it, and that it is open (row PH-16)."""

from typing import Any

from apps.leads.models import Lead
from apps.privacy.topics import open_glass, topics
from apps.tenancy.actor import Actor
from apps.workspace.lacking import lacks
from apps.workspace.words import Wall


def glass_shown(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any] | None:
    """Return until when the reader has a restricted lead open by broken glass; None where they have not."""
    if actor.membership_id is None or lacks(lead, "glass") or not topics():
        return None
    until = open_glass(actor.membership_id, [lead.id], now=wall.now).get(lead.id)
    return {"until": wall.at(until)} if until is not None else None
