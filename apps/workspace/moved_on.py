"""Where leads went that have just left a list, in one line each: "L-12 moved to Scheduling by Ana Ruiz"."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from apps.leads.models import Lead, TimelineEntry
from apps.ownership.queries import leads_to_change, visible_leads
from apps.tenancy.actor import Actor

#: What happened longer ago did not take the lead off the list.
JUST_NOW = timedelta(minutes=2)
MOST_TOLD = 20
_TO_A_TEAM = frozenset({"transfer", "handoff", "routed"})
_TO_OTHERS = _TO_A_TEAM | {"assigned", "released", "booked"}
_TO_A_STAGE = frozenset({"stage", "contact", "status", "verified"})


def moved_on(actor: Actor, lead_ids: Iterable[UUID], now: datetime) -> dict[UUID, str]:
    """Return a sentence for each lead of which it is known who moved it, and where to, within the last two minutes.

    Of a lead that the actor no longer sees it names the team that has it now and who sent it there, not who took it; of
    one they see, owner and stage too. Nothing is told of the person, and nothing to an agency.
    """
    leads = {lead.id: lead for lead in leads_to_change(actor, list(lead_ids)[:MOST_TOLD])}
    seen = set(visible_leads(actor).filter(id__in=leads).values_list("id", flat=True))
    lately = TimelineEntry.rows().filter(lead__in=leads, at__gt=now - JUST_NOW)
    told: dict[UUID, str] = {}
    for entry in lately.order_by("-at", "-id").only("lead_id", "kind", "actor_label", "at"):
        where = _where(leads[entry.lead_id], entry.kind, sees=entry.lead_id in seen)
        if where and entry.lead_id not in told:
            words = {"ref": leads[entry.lead_id].ref, "where": where, "who": entry.actor_label}
            told[entry.lead_id] = _("%(ref)s moved to %(where)s by %(who)s") % words
    return told


def _where(lead: Lead, kind: str, *, sees: bool) -> str:
    if lead.closed_at is not None or kind in _TO_A_STAGE:
        return str(lead.stage.label) if sees else ""
    if kind not in (_TO_OTHERS if sees else _TO_A_TEAM) or lead.owner_team is None:
        return ""
    owner = lead.owner if sees else None
    return f"{lead.owner_team.name}, {owner.user.name}" if owner else lead.owner_team.name
