"""Forms of what is found out and decided about a lead, and of taking a closed one up again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.leads.terms import Control
from apps.qualification.signals import Coverage
from apps.qualification.terms import Verdict
from apps.workspace.web.forms import Act, Choices, local_time, long_text

#: Up to so many answers stand side by side, more in a list.
FEW = 6
VERDICTS = [
    (Verdict.QUALIFIED, _("Qualified")),
    (Verdict.NURTURE, _("Not now: ask again later")),
    (Verdict.DISQUALIFIED, _("Not qualified: ends the lead")),
]


class Verify(Act):
    """The questions of the lead's own script; `choices` names for each what is asked, then its answers."""

    def __init__(self, *args: Any, choices: dict[str, Choices] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (asked, *answers) in (choices or {}).items():
            self.fields[name] = _question(str(asked[1]), answers)


class Qualify(Act):
    """A verdict: on what it rests, and what follows."""

    asked_by_deed = ("reason",)
    verdict = forms.ChoiceField(label=_("What do you decide?"), choices=VERDICTS, widget=forms.RadioSelect)
    criteria = forms.MultipleChoiceField(
        label=_("On which criteria does it rest?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Why, in a sentence"),
        help_text=_("Such as: Dermatology interest and Elm location match."),
        required=False,
        widget=long_text(),
        max_length=300,
    )
    disqualification = forms.ChoiceField(label=_("If not qualified: which reason?"), required=False)
    flags = forms.CharField(
        label=_("Questions of eligibility that stay open"),
        help_text=_("One a line."),
        required=False,
        widget=long_text(2),
        max_length=600,
    )
    needs_follow_up = forms.BooleanField(label=_("Follow-up is needed"), required=False)
    next_step = forms.CharField(label=_("Next step"), required=False, max_length=200)
    next_step_at = local_time(label=_("Due"), required=False)


class NameDecider(Act):
    """Who decides for the patient, and on what; without a name it is the patient."""

    controls = forms.MultipleChoiceField(
        label=_("What do they decide on?"),
        required=False,
        choices=[
            (Control.SCHEDULING, _("The visit: they are whom we contact")),
            (Control.REFERRAL, _("The referral")),
            (Control.ENROLMENT, _("The enrolment")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    first_name = forms.CharField(
        label=_("First name"), help_text=_("Empty: the patient decides."), required=False, max_length=100
    )
    last_name = forms.CharField(label=_("Last name"), required=False, max_length=100)
    role = forms.CharField(
        label=_("Who are they to the patient?"), help_text=_("Such as daughter."), required=False, max_length=30
    )
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    email = forms.CharField(label=_("Email"), required=False, max_length=254)


class SetPriority(Act):
    """Another priority than the rules give, or theirs again."""

    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=[
            ("P1", _("P1: call first")),
            ("P2", _("P2: soon")),
            ("P3", _("P3: in turn")),
            ("rules", _("As the rules say")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("In a sentence. It stays, whatever is scored later."),
        required=False,
        widget=long_text(),
        max_length=300,
    )


class RecordCoverage(Act):
    """What the insurer answered."""

    answer = forms.ChoiceField(
        label=_("What did the insurer answer?"),
        choices=[
            (Coverage.VERIFIED, _("Covered")),
            (Coverage.OUT_OF_NETWORK, _("Covered, but we are out of their network")),
            (Coverage.NOT_COVERED, _("Not covered")),
        ],
        widget=forms.RadioSelect,
    )
    payer = forms.CharField(label=_("Insurer"), required=False, max_length=100)
    plan = forms.CharField(
        label=_("Plan"), help_text=_("Such as PPO. No member number."), required=False, max_length=100
    )
    reference = forms.CharField(label=_("Their reference"), required=False, max_length=80)


class Reopen(Act):
    """Why a closed lead goes on."""

    reason = forms.CharField(
        label=_("Why does it go on?"), required=False, widget=long_text(), max_length=250, help_text=_("In a sentence.")
    )


def _question(ask: str, answers: list[tuple[str, str]]) -> forms.Field:
    if not answers:
        return forms.CharField(label=ask, required=False, max_length=100)
    if len(answers) <= FEW:
        return forms.ChoiceField(label=ask, required=False, choices=answers, widget=forms.RadioSelect)
    return forms.ChoiceField(label=ask, required=False, choices=[("", _("Choose")), *answers])
