"""What became of a typed inquiry, in a sentence, and where it went."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.capture.models import Submission
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor
from apps.workspace.words import Wall

WORDS = {
    "new": gettext_noop("A new lead"),
    "duplicate": gettext_noop("Joined the inquiry that was open"),
    "update": gettext_noop("Joined the inquiry that was open"),
    "resubmit": gettext_noop("A new inquiry of somebody who was here before"),
    "held": gettext_noop("Taken in, and held"),
    "rejected": gettext_noop("Not taken as a lead"),
    "test": gettext_noop("A test lead"),
}


def became(row: Submission, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return the outcome: a sentence, the reasons, and the lead with who has it and what comes next."""
    if row.state != "processed":
        return {"is_waiting": True, "submission_id": row.id, "word": "", "reasons": [], "lead": None}
    lead = None
    if row.lead_id is not None:
        rows = Lead.rows().filter(id=row.lead_id).select_related("stage", "owner_team", "owner__user", "queue")
        lead = rows.first()
    return {
        "is_waiting": False,
        "submission_id": row.id,
        "word": _(WORDS.get(row.verdict, row.verdict)),
        "reasons": [str(each.get("detail", "")) for each in row.reasons if each.get("detail")],
        "lead": _lead(lead, actor, wall) if lead is not None else None,
    }


def _lead(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    team = lead.owner_team.name if lead.owner_team else ""
    return {
        "id": lead.id,
        "ref": lead.ref,
        "stage": lead.stage.label,
        "queue": lead.queue.name if lead.queue else "",
        "team": team,
        "owner": lead.owner.user.name if lead.owner else "",
        "next_label": wall.at(lead.next_action_at),
        "may_open": visible_leads(actor).filter(id=lead.id).exists(),
    }
