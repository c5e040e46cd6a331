"""The script of a lead's call or chat as its pages show it: questions, what is on record, the answers to choose."""

from datetime import datetime
from typing import Any

from apps.flows.clashes import value_of
from apps.flows.scripted import script_of
from apps.leads.models import Lead
from apps.workspace.words import plain

#: Fields that hold people's own words, shown as they were said.
OWN_WORDS = ("payer", "best_time")


def asking_of(lead: Lead, now: datetime) -> dict[str, Any] | None:
    """Return the questions as workspace/lead/asking.html wants them; None without a script or on a closed lead."""
    script = script_of(lead, now) if lead.closed_at is None else None
    if script is None:
        return None
    return {
        "name": script.name,
        "questions": [
            {"id": each.id, "ask": each.ask, "known": _known(lead, each.fills), "answers": each.choices}
            for each in script.questions
        ],
    }


def _known(lead: Lead, field: str) -> str:
    named = {"service": lead.service, "location": lead.location}.get(field)
    if named is not None:
        return str(named)
    return value_of(lead, field) if field in OWN_WORDS else plain(value_of(lead, field))
