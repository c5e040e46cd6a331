"""Forms of leads that wait: for a service that opens later, for an insurer, for a referring practice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.flows.automation import LONGEST_REASON
from apps.flows.parking import LONGEST_NAME
from apps.flows.review_status import LONGEST_NOTE
from apps.qualification.terms import ClearanceStatus, ClearanceStep
from apps.workspace.web.forms import Act, local_time, long_text

STEPS = [
    (ClearanceStep.INSURANCE_VERIFICATION, _("Insurance verification")),
    (ClearanceStep.PRE_AUTHORISATION, _("Pre-authorisation")),
    (ClearanceStep.REFERRING_PHYSICIAN, _("Referring physician")),
]
STATUSES = [
    (ClearanceStatus.NEEDED, _("Needed, nobody asked yet")),
    (ClearanceStatus.REQUESTED, _("Requested")),
    (ClearanceStatus.PENDING, _("Pending with them")),
    (ClearanceStatus.DONE, _("Done")),
    (ClearanceStatus.DENIED, _("Denied")),
    (ClearanceStatus.NOT_NEEDED, _("Not needed")),
]


class Park(Act):
    """For which service the lead waits, and why."""

    asked_by_deed = ("wanted", "reason")
    wanted = forms.CharField(
        label=_("Which service do they want?"),
        help_text=_("As they call it. The lead comes up for review when such a service opens."),
        required=False,
        max_length=LONGEST_NAME,
    )
    reason = forms.CharField(
        label=_("Why does it wait?"),
        help_text=_("In a sentence."),
        required=False,
        widget=long_text(),
        max_length=300,
    )


class RecordStep(Act):
    """Where a step with an insurer or a practice stands."""

    step = forms.ChoiceField(label=_("Which step?"), choices=STEPS, widget=forms.RadioSelect)
    status = forms.ChoiceField(label=_("Where does it stand?"), choices=STATUSES, widget=forms.RadioSelect)
    since = forms.DateField(label=_("Since"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    look_again_at = local_time(
        label=_("When does somebody ask again?"), help_text=_("While it waits with them."), required=False
    )
    valid_until = forms.DateField(
        label=_("Granted until"),
        help_text=_("Of a pre-authorisation that is done."),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    reference = forms.CharField(label=_("Their reference"), required=False, max_length=80)
    note = forms.CharField(
        label=_("Note"), help_text=_("No member number, no diagnosis."), required=False, max_length=200
    )


class RecordReview(Act):
    """Where the intake's or the clinic's review stands."""

    status = forms.ChoiceField(label=_("Where does the review stand?"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), help_text=_("What is missing, or who has it."), required=False, max_length=LONGEST_NOTE
    )


class Automation(Act):
    """Why what goes to the person by itself is paused, or goes on."""

    asked_by_deed = ("reason",)
    reason = forms.CharField(label=_("Why?"), required=False, widget=long_text(), max_length=LONGEST_REASON)


class PauseClocks(Act):
    """For which of the listed reasons the clocks stand still, and until when."""

    reason = forms.ChoiceField(
        label=_("Why do the clocks stand still?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the listed reasons.")},
    )
    until = local_time(
        label=_("Until when?"),
        help_text=_("They go on by themselves then, with what was left."),
        error_messages={"required": _("Say until when.")},
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)


class ResumeClocks(Act):
    """Let the clocks go on now: nothing is asked."""
