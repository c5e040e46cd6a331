"""What colleagues ask of the owner, and whom the owner lets look: requests and shares as the lead's page tells them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.flows.asking import ASKABLE, values_of
from apps.ownership.terms import is_of
from apps.tenancy.actor import Actor
from apps.workspace.dossier import Dossier
from apps.workspace.lead_page import reads_health
from apps.workspace.words import Wall


def requests_shown(dossier: Dossier, actor: Actor, wall: Wall, *, may_answer: bool) -> list[dict[str, Any]]:
    """Return open requests to who may answer, and to an asker their own with the answer; reasons with the notes."""
    mine = str(actor.membership_id)
    rows = [each for each in dossier.requests if each["asker"] == mine or (may_answer and each["state"] == "open")]
    may_read = reads_health(actor)
    return [
        {
            "id": row["task"],
            "title": _("%(who)s asks to change: %(field)s")
            % {"who": row["asker_label"], "field": _(ASKABLE.get(row["field"], row["field"]))},
            "proposed": values_of(dossier.lead, row["field"]).get(row["proposed"], row["proposed"])
            if not is_of(row["field"], actor.hidden_fields)
            else "",
            "text": row["reason"] if may_read or row["asker"] == mine else "",
            "state": row["state"],
            "state_label": _state(row["state"], datetime.fromisoformat(row["due_at"]), wall),
            "answer": row["answer"],
            "may_answer": may_answer and row["state"] == "open",
        }
        for row in rows
    ]


def _state(state: str, due_at: datetime, wall: Wall) -> str:
    if state == "open":
        return _("Waiting for the owner, answer due %(at)s") % {"at": wall.at(due_at)}
    return _("Accepted") if state == "accepted" else _("Declined")


def shares_shown(shares: Sequence[Mapping[str, Any]], wall: Wall) -> list[dict[str, Any]]:
    """Return one fact that names with whom the lead is shared, what for and until when; none where it is not."""
    named = []
    for row in shares:
        more = [_("contact")] if row["contact"] else []
        more += [_("download")] if row["download"] else []
        words = {"who": row["team"] or row["member"], "at": wall.at(datetime.fromisoformat(row["ends_at"]))}
        text = _("%(who)s until %(at)s") % words
        named.append(f"{text} ({', '.join(more)})" if more else text)
    return [{"label": _("Shared with"), "value": "; ".join(named), "lock": None}] if named else []
