"""Two people changed one lead: the fields side by side, for the one who saves second."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.flows.clashes import value_of
from apps.leads.models import Lead
from apps.tenancy.errors import Clash
from apps.workspace.words import Wall, plain

WORDS = {
    "owner_team": "Owner",
    "last_outcome": "Last contact",
    "patient_type": "New or known patient",
    "timeframe": "When they want to come",
    "preferred_channel": "How they want to be reached",
    "appointment_type": "What kind of visit",
    "part_of_day": "In which part of the day",
    "best_time": "At what time",
    "payer": "Insurance",
}
TAKE = "take_"
#: Fields whose values are keys; the others are people's own words.
_KEYED = frozenset(
    {
        "stage",
        "owner_team",
        "service",
        "location",
        "last_outcome",
        "closure_reason",
        "outcome",
        "patient_type",
        "timeframe",
        "preferred_channel",
    }
)


def clashes_shown(
    clashes: tuple[Clash, ...], typed: Mapping[str, str], fields: Mapping[str, Any], wall: Wall
) -> list[dict[str, Any]]:
    """Return each field that others changed, with both values; one that the form holds may be taken.

    Theirs is taken first where the person had not touched theirs.
    """
    return [
        {
            "label": _(WORDS.get(each.field, plain(each.field))),
            "mine": _spoken(each.field, each.mine),
            "theirs": _spoken(each.field, each.theirs),
            "by": each.by,
            "at_label": wall.at(each.at),
            "take": TAKE + each.field if each.field in fields else "",
            "takes_theirs": typed.get(f"initial-{each.field}") == each.mine,
        }
        for each in clashes
        if typed.get(f"initial-{each.field}") != each.theirs
    ]


def _spoken(field: str, value: str) -> str:
    return plain(value) if field in _KEYED else value


def taken(typed: Mapping[str, str], lead: Lead, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the values on record of the fields for which the person chose theirs."""
    chosen = [name for name in fields if typed.get(TAKE + name) == "theirs"]
    return {name: value_of(lead, name) for name in chosen if hasattr(lead, name)}
