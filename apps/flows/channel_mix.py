"""Which channel is tried first: as the person wished; else drawn from the tenant's mix, and kept (row CN-15)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from apps.consent.decisions import first_channel
from apps.consent.in_stage import stage_channels
from apps.consent.mixing import mixed_channel
from apps.consent.queries import Reach
from apps.consent.terms import Channel, ContactVerdict
from apps.flows.channel_models import ChannelTrial
from apps.leads.models import Lead
from apps.policies.decisions.documents import as_document
from apps.tenancy.writing import insert


def first_try(lead: Lead, found: Mapping[Channel, Reach], document: object, now: datetime) -> str:
    """Return the channel to try first, among those permitted; "" where none is.

    Who named no channel gets one drawn once, by their lead's id, so that it is the same whoever asks. When it is no
    longer permitted another one is tried, and the draw stays on record as it was.
    """
    verdicts = _in_order(lead, {str(each): reach.verdict for each, reach in found.items()}, document)
    wished = lead.preferred_channel
    if not wished and as_document(as_document(document).get("channel_mix")):
        wished = _drawn(lead, verdicts, document, now)
    return first_channel(wished, verdicts)


def _in_order(lead: Lead, verdicts: Mapping[str, ContactVerdict], document: object) -> Mapping[str, ContactVerdict]:
    """Return the channels in the order in which the plan of the lead's stage tries them (row TN-04)."""
    if not as_document(as_document(document).get("stages")):
        return verdicts
    order = stage_channels(document, lead.stage.key) or ()
    return {each: verdicts[each] for each in dict.fromkeys((*order, *verdicts)) if each in verdicts}


def note_reached(lead: Lead, channel: str, now: datetime) -> None:
    """Keep by which channel somebody was reached first, where one had been drawn for their lead."""
    ChannelTrial.rows().filter(lead=lead, reached_at=None).update(reached_at=now, reached_by=channel)


def _drawn(lead: Lead, verdicts: Mapping[str, ContactVerdict], document: object, now: datetime) -> str:
    kept: ChannelTrial | None = ChannelTrial.rows().filter(lead_id=lead.id).first()
    if kept is not None:
        return str(kept.channel)
    draw = int.from_bytes(hashlib.sha256(lead.id.bytes).digest()[:4]) / 2**32
    channel = mixed_channel(document, verdicts, draw)
    if channel:
        insert(ChannelTrial(lead_id=lead.id, channel=channel, among=_permitted(verdicts), at=now))
    return channel


def _permitted(verdicts: Mapping[str, ContactVerdict]) -> list[str]:
    return [name for name, each in verdicts.items() if each.allowed or each.opens_at is not None]
