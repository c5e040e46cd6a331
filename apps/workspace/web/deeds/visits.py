"""What is done with a booked visit."""

from uuid import UUID

from django.utils.translation import gettext_noop

from apps.appointments.terms import AppointmentState
from apps.flows import visits
from apps.ownership.visit_queries import visit_verdicts
from apps.workspace import visits_page
from apps.workspace.web import visit_forms
from apps.workspace.web.deeds.deed import Deed, Sent


def _change(sent: Sent) -> object:
    values = sent.values
    return visits.change_visit(
        actor=sent.actor,
        lead_id=sent.lead.id,
        appointment_id=UUID(values["visit"]),
        state=AppointmentState(values["state"]),
        now=sent.now,
        note=values["note"],
        starts_at=values["starts_at"],
    )


VISIT_DEEDS: dict[str, Deed] = {
    "change_visit": Deed(
        "visit",
        "change_visit",
        visit_forms.ChangeVisit,
        _change,
        gettext_noop("Saved. The visit's story has it."),
        choices=lambda lead, now: {"visit": visits_page.visit_choices(lead)},
        beside=lambda lead, actor, wall: {"rights": visits_page.rights_shown(lead, actor, wall)},
        from_address=("visit", "state"),
        offered=lambda actor, lead, now: {
            "state": {state for state, each in visit_verdicts(actor, lead, now).items() if each.allowed}
        },
    ),
}
