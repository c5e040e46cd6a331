"""Channels as they stand for one reader: none is open while somebody else is in contact with the person (row TK-09)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from apps.consent.queries import Reach
from apps.consent.terms import Channel, ContactCode, ContactVerdict
from apps.leads.models import Lead
from apps.outreach.live_attempts import live_attempt, told
from apps.tenancy.actor import Actor


def beside_live(reaches: Mapping[Channel, Reach], lead: Lead, actor: Actor, now: datetime) -> dict[Channel, Reach]:
    """Return the channels with those shut, until it ends, that are permitted but for a colleague's contact."""
    held = live_attempt(lead, now, besides=actor) if lead.closed_at is None else None
    if held is None:
        return dict(reaches)
    return {
        channel: replace(
            reach, verdict=ContactVerdict(False, ContactCode.ATTEMPT_LIVE, told(held), held.until, str(channel))
        )
        if reach.verdict.allowed
        else reach
        for channel, reach in reaches.items()
    }
