"""The visits of a lead as its page shows them: how each stands, its story, and who may set what comes next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.appointments.models import Appointment
from apps.appointments.queries import appointments_of
from apps.appointments.terms import FOLLOWERS, LIVE, AppointmentState
from apps.flows.masking import reads_health
from apps.flows.meetings import MEETING_WORDS, of_visit
from apps.handoffs.terms import CLINICAL
from apps.leads.models import Lead
from apps.ownership.terms import ChangeVerdict
from apps.ownership.visit_queries import visit_verdicts
from apps.ownership.visits import VISIT_STATES
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization
from apps.workspace.words import Wall

#: What the button says that leads to a state.
STEPS = {
    AppointmentState.CONFIRMED: "Confirm",
    AppointmentState.RESCHEDULED: "Move",
    AppointmentState.ATTENDED: "They came",
    AppointmentState.NO_SHOW: "No-show",
    AppointmentState.CANCELLED: "Cancel the visit",
    AppointmentState.COMPLETED: "Completed intake",
}
ICONS = {
    AppointmentState.CONFIRMED: "tick",
    AppointmentState.RESCHEDULED: "calendar",
    AppointmentState.ATTENDED: "person",
    AppointmentState.NO_SHOW: "no",
    AppointmentState.CANCELLED: "close",
    AppointmentState.COMPLETED: "document",
}


def visits_shown(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return a lead's visits, the next first, from what came with its dossier."""
    rows = vars(lead)["visit_rows"]
    if not rows:
        return []
    verdicts = visit_verdicts(actor, lead, wall.now) if lead.closed_at is None else {}
    hides = CLINICAL in vars(lead).get("withheld", ()) or not reads_health(actor)
    story: dict[str, list[dict[str, str]]] = {}
    for each in vars(lead)["visit_event_rows"]:
        line = {
            "state": _(VISIT_STATES[each["state"]]),
            "at": wall.at(datetime.fromisoformat(each["at"])),
            "who": each["who"],
            "note": "" if hides else each["note"],
        }
        story.setdefault(each["visit"], []).append(line)
    return [_visit(each, story.get(each["id"], []), lead, verdicts, wall) for each in rows]


def _visit(
    row: Mapping[str, Any],
    story: list[dict[str, str]],
    lead: Lead,
    verdicts: Mapping[str, ChangeVerdict],
    wall: Wall,
) -> dict[str, Any]:
    state = AppointmentState(row["state"])
    return {
        "id": UUID(row["id"]),
        "at_label": wall.day(datetime.fromisoformat(row["starts_at"])),
        "place": row["office"] or row["provider"],
        "state": _(VISIT_STATES[state]),
        "outcome": _(MEETING_WORDS[came]) if (came := of_visit(state)) else "",
        "is_live": state in LIVE,
        "source": _("From the scheduling system") if row["ref"] else _("Confirmed: %(how)s") % {"how": row["how"]},
        "story": story,
        "steps": steps_of(state, row["id"], lead, verdicts),
    }


def steps_of(
    state: AppointmentState, visit_id: str, lead: Lead, verdicts: Mapping[str, ChangeVerdict]
) -> list[dict[str, Any]]:
    """Return what a visit can become, each with where it is done, or why not and by whom."""
    address = reverse("workspace:change_visit", args=[lead.id])
    return [
        {
            "label": _(words),
            "icon": ICONS[each],
            "allowed": verdicts[each].allowed,
            "sentence": verdicts[each].sentence,
            "url": f"{address}?visit={visit_id}&state={each}",
        }
        for each, words in STEPS.items()
        if each in FOLLOWERS[state] and each in verdicts
    ]


def visit_choices(lead: Lead) -> list[tuple[str, str]]:
    """Return the visits that can still change, as a form offers them; on the organization's wall clock."""
    zone = ZoneInfo(current_organization().zone)
    return [
        (str(row.id), f"{date_format(row.starts_at.astimezone(zone), 'j M Y, H:i')}, {place_of(row)}")
        for row in appointments_of(lead)
        if FOLLOWERS[AppointmentState(row.state)]
    ]


def rights_shown(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return each state with whether this person sets it, and who does otherwise."""
    found = visit_verdicts(actor, lead, wall.now)
    return [
        {
            "label": _(words),
            "allowed": found[state].allowed,
            "sentence": "" if found[state].allowed else found[state].sentence,
        }
        for state, words in VISIT_STATES.items()
    ]


def place_of(row: Appointment) -> str:
    """Return where a visit is, or with whom."""
    return row.location.name if row.location else row.provider
