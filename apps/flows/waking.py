"""A lead in nurture wakes when it becomes known what the person needs: it is scored, routed and contacted (row QL-18).

The same by every way in which it becomes known: their own answer by a link, another inquiry, a colleague's correction.
"""

from collections.abc import Collection
from datetime import datetime

from apps.flows.release import send_on
from apps.leads.models import Lead
from apps.leads.terms import DOWNLOAD, StageKey
from apps.tenancy.actor import Actor

BECAUSE = "It is known now what they need: the lead leaves nurture."


def wake(lead: Lead, told: Collection[str], *, by: Actor, now: datetime) -> bool:
    """Let a locked lead leave nurture where its service was told just now; say whether it did.

    One that is held or an exception goes on by its own way, and so does who only took a file.
    """
    if lead.stage.key != StageKey.NURTURE or lead.closed_at is not None or lead.hold_reason or lead.exception:
        return False
    if lead.lead_class == DOWNLOAD or "service" not in told or lead.service_id is None:
        return False
    return send_on(lead, by=by, because=BECAUSE, now=now, stated=tuple(told), wakes=True)
