"""Where leads went that have just left a list, in one line each: "L-12 moved to Scheduling by Ana Ruiz"."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from apps.leads.models import Lead, TimelineEntry
from apps.ownership.queries import leads_to_change
from apps.tenancy.actor import Actor

#: What happened longer ago did not take the lead off the list.
JUST_NOW = timedelta(minutes=2)
MOST_TOLD = 20
_TO_OTHERS = frozenset({"assigned", "transfer", "handoff", "released", "routed", "booked"})
_TO_A_STAGE = frozenset({"stage", "contact", "status", "verified"})


def moved_on(actor: Actor, lead_ids: Iterable[UUID], now: datetime) -> dict[UUID, str]:
    """Return a sentence for each lead of which it is known who moved it, and where to, within the last two minutes.

    It names team, owner and stage, as the refusal to open the lead would; nothing of the person. An agency is told
    nothing.
    """
    leads = {lead.id: lead for lead in leads_to_change(actor, list(lead_ids)[:MOST_TOLD])}
    lately = TimelineEntry.rows().filter(lead__in=leads, at__gt=now - JUST_NOW)
    told: dict[UUID, str] = {}
    for entry in lately.order_by("-at", "-id").only("lead_id", "kind", "actor_label", "at"):
        where = _where(leads[entry.lead_id], entry.kind)
        if where and entry.lead_id not in told:
            words = {"ref": leads[entry.lead_id].ref, "where": where, "who": entry.actor_label}
            told[entry.lead_id] = _("%(ref)s moved to %(where)s by %(who)s") % words
    return told


def _where(lead: Lead, kind: str) -> str:
    if lead.closed_at is not None or kind in _TO_A_STAGE:
        return str(lead.stage.label)
    if kind not in _TO_OTHERS or lead.owner_team is None:
        return ""
    owner = lead.owner
    return f"{lead.owner_team.name}, {owner.user.name}" if owner else lead.owner_team.name
