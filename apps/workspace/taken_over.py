"""What a lead's page says of handoffs: the one that waits, those before it, and the summary for a new owner."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.flows.masking import PERSONAL, masked_leads, reads_health
from apps.flows.packages import RESTRICTED
from apps.flows.returning import RETURN, TRANSFER
from apps.handoffs.decisions import came_at
from apps.handoffs.terms import HandoffState
from apps.leads.models import TimelineEntry
from apps.privacy.topics import restricted_to
from apps.tenancy.actor import Actor
from apps.tenancy.clock import scope_opened_at
from apps.workspace.dossier import Dossier
from apps.workspace.handoff_page import STATES, ticked_words
from apps.workspace.lacking import lacks
from apps.workspace.lead_page import DETAIL_WORDS
from apps.workspace.rows import attempts_label, last_outcome
from apps.workspace.words import Wall

#: What brought a lead to a team that did not have it before.
_BROUGHT = ("transfer", "handoff:", "return", "stage:")
MOST_NOTES = 3


def handoffs_shown(dossier: Dossier, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return what was handed on of a lead, newest first: the open one is the sender's tracking card."""
    found = []
    for row in vars(dossier.lead).get("handoff_rows", ()):
        is_open = row["state"] == HandoffState.OFFERED and row["from_team"] == str(dossier.lead.owner_team_id)
        is_open = is_open and dossier.lead.closed_at is None
        accept_by = datetime.fromisoformat(row["accept_by"])
        found.append(
            {
                "url": reverse("workspace:handoff", args=[dossier.lead.id, row["id"]]),
                "name": row["name"],
                "way": f"{row['from_name']} → {row['to_name']}",
                "state": _(STATES[HandoffState(row["state"])]),
                "is_open": is_open,
                "is_late": is_open and accept_by <= wall.now,
                "accept_by": wall.at(accept_by),
                "answered": _answered(row, wall),
                "reason": row["reason"],
                "ticked": ticked_words(row["checklist"], wall),
                "is_mine": row["to_team"] in {str(each) for each in actor.team_ids},
            }
        )
    return found


def withheld_of(dossier: Dossier, actor: Actor) -> frozenset[str]:
    """Return what the reader's teams got the lead without; nothing where they gave it themselves (row HO-02).

    A marketing view reads a lead that is PHI without whom it is of (`masking`).
    """
    mine, found = {str(each) for each in actor.team_ids}, set[str]()
    if masked_leads(actor, [dossier.lead.id]):
        found.update(PERSONAL)
    if not lacks(dossier.lead, "topics") and restricted_to(actor, [dossier.lead.id], now=scope_opened_at()):
        found.update(RESTRICTED)
    for row in vars(dossier.lead).get("handoff_rows", ()):
        if row["state"] == HandoffState.ACCEPTED and row["to_team"] in mine and row["from_team"] not in mine:
            found.update(row["withheld"])
    return frozenset(found)


def summary_of(
    dossier: Dossier,
    facts: Sequence[Mapping[str, Any]],
    entries: Sequence[TimelineEntry],
    actor: Actor,
    wall: Wall,
) -> dict[str, Any] | None:
    """Return what a new owner reads first (row HO-07): what they wrote and answered, who tried, what was noted.

    Shown to the team that got the lead from another one, until the lead goes on with a contact of theirs.
    """
    lead = dossier.lead
    owners = list(reversed(vars(lead).get("owner_rows", ())))
    if not owners or lead.owner_team_id not in actor.team_ids or lead.closed_at is not None:
        return None
    came = owners[came_at([each["team"] for each in owners])]
    since = datetime.fromisoformat(came["at"])
    if not came["trigger"].startswith(_BROUGHT) or any(each.at >= since and each.is_outbound for each in dossier.tries):
        return None
    labels = {_(word) for word in DETAIL_WORDS.values()}
    said = [{"label": each["label"], "value": each["value"]} for each in facts if each["label"] in labels]
    tried = ", ".join(each for each in (attempts_label(lead), last_outcome(lead, actor)) if each)
    lines = [each for each in said if each["value"]]
    lines.append({"label": _("Contact so far"), "value": tried or _("none")})
    before = [each for each in entries if each.at <= since]
    notes = [each for each in before if each.note][:MOST_NOTES] if reads_health(actor) else []
    lines += [{"label": f"{each.actor_label}, {wall.at(each.at)}", "value": each.note} for each in notes]
    brought = next((each.sentence for each in before if each.kind in ("transfer", "handoff", "assigned")), "")
    may_return = came["trigger"] == TRANSFER and not any(
        each["trigger"] == RETURN and before["team"] == came["team"] for before, each in pairwise(owners)
    )
    url = reverse("workspace:return_transfer", args=[lead.id]) if may_return else ""
    return {"brought": wall.told(brought), "lines": lines, "return_url": url}


def _answered(row: Mapping[str, Any], wall: Wall) -> str:
    at = datetime.fromisoformat(row["answered_at"]) if row["answered_at"] else None
    return f"{row['answered_by']}, {wall.at(at)}" if at else ""
