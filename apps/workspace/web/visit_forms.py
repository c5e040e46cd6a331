"""Forms of visits: how a booked visit goes on."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.appointments.terms import AppointmentState
from apps.workspace.web.forms import Act, local_time, long_text


class ChangeVisit(Act):
    """Which visit, what it becomes, and the new time where it is moved."""

    asked_by_deed = ("starts_at",)

    visit = forms.ChoiceField(
        label=_("Which visit?"), widget=forms.RadioSelect, error_messages={"required": _("Choose the visit.")}
    )
    state = forms.ChoiceField(
        label=_("What became of it?"),
        widget=forms.RadioSelect,
        choices=[
            (AppointmentState.CONFIRMED, _("Confirmed")),
            (AppointmentState.RESCHEDULED, _("Moved to another time")),
            (AppointmentState.ATTENDED, _("They came")),
            (AppointmentState.NO_SHOW, _("No-show")),
            (AppointmentState.CANCELLED, _("Cancelled")),
            (AppointmentState.COMPLETED, _("Completed intake")),
        ],
        error_messages={"required": _("Choose what became of it.")},
    )
    starts_at = local_time(label=_("If it is moved: to when?"), required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=long_text(), max_length=300)
