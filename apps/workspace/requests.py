"""What colleagues ask of the owner, and whom the owner lets look: requests and shares as the lead's page tells them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.flows.asking import ASKABLE, values_of
from apps.flows.consent_requests import CONSENT_FIELDS
from apps.flows.masking import reads_health
from apps.ownership.terms import is_of
from apps.tenancy.actor import Actor
from apps.workspace.dossier import Dossier
from apps.workspace.words import Wall

#: What proves a permission.
EVIDENCE = [
    ("recording", gettext_lazy("Call recording")),
    ("form", gettext_lazy("Form or certificate")),
    ("email", gettext_lazy("Their email")),
    ("paper", gettext_lazy("Signed paper")),
]


def requests_shown(
    dossier: Dossier, actor: Actor, wall: Wall, *, may_answer: bool, keeps_consent: bool
) -> list[dict[str, Any]]:
    """Return open requests to who may answer, and to an asker their own with the answer; reasons with the notes."""
    mine = str(actor.membership_id)
    answers = {
        each["task"]: each["state"] == "open" and (keeps_consent if each["field"] in CONSENT_FIELDS else may_answer)
        for each in dossier.requests
    }
    rows = [each for each in dossier.requests if each["asker"] == mine or answers[each["task"]]]
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
            "state_label": _state(row, wall),
            "answer": row["answer"],
            "may_answer": answers[row["task"]],
            "evidence": EVIDENCE if row["field"] in CONSENT_FIELDS else [],
        }
        for row in rows
    ]


def _state(row: Mapping[str, Any], wall: Wall) -> str:
    at = wall.at(datetime.fromisoformat(row["due_at"]))
    if row["state"] == "open" and row["field"] in CONSENT_FIELDS:
        return _("Waiting for %(team)s, answer due %(at)s") % {"team": row["team"], "at": at}
    if row["state"] == "open":
        return _("Waiting for the owner, answer due %(at)s") % {"at": at}
    return _("Accepted") if row["state"] == "accepted" else _("Declined")


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
