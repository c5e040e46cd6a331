"""The questions of a link's pages, one field each, with the answers that the catalog allows."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from apps.capture.phone import read_phone
from apps.capture.terms import PointValidity
from apps.flows.collected import Opened, offices_to_offer, services_to_offer
from apps.tenancy.organizations import current_organization

NAME, LONGEST = "name", 200
UNREADABLE = "\ufffd"


class Page(forms.Form):
    """One question."""

    use_required_attribute = False

    def __init__(self, question: str, field: forms.Field, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        self.fields[question] = field

    @property
    def answer(self) -> str:
        """What was answered, once the page is valid."""
        return str(self.cleaned_data.get(self.question, ""))

    def clean(self) -> dict[str, Any]:
        """Refuse what no person can have typed, and a number that nobody can call."""
        data = super().clean() or {}
        value = str(data.get(self.question, ""))
        if UNREADABLE in value or any(not each.isprintable() for each in value):
            self.add_error(self.question, _("Some characters could not be read. Type this again."))
        elif self.question == "phone" and value and _cannot_be_called(value):
            self.add_error("phone", _("This number cannot be called. Please check it."))
        return data


def page_of(question: str, opened: Opened, answers: Mapping[str, str], data: Any = None) -> Page:
    """Return the page of a question, as it was answered before or as it is sent now."""
    return Page(question, _field(question, opened, answers), data, initial=dict(answers))


def heading_of(question: str, opened: Opened) -> str:
    """Return what the page asks."""
    lead = opened.lead
    has_last = bool((lead.contact_person or lead.person).last_name)
    return {
        NAME: _("What is your last name?") if has_last else _("What is your first name?"),
        "service": _("What is it about?"),
        "location": _("Which office suits you?"),
        "patient_type": _("Have you been here before?"),
        "preferred_channel": _("How do you prefer to be reached?"),
        "phone": _("Which number may we call?"),
    }[question]


def _cannot_be_called(typed: str) -> bool:
    return read_phone(typed, current_organization().region).validity is PointValidity.INVALID


def _field(question: str, opened: Opened, answers: Mapping[str, str]) -> forms.Field:
    label = heading_of(question, opened)
    if question == NAME:
        hint = _("We ask this so that nobody else answers for you.")
        return _line(label, hint, "family-name")
    if question == "phone":
        return _line(label, "", "tel", kind="tel")
    choices = {
        "service": services_to_offer(opened.lead),
        "location": offices_to_offer(opened.lead, answers.get("service", "")),
        "patient_type": {"new": _("I am new here"), "established": _("I have been here before")},
        "preferred_channel": {"call": _("Call"), "text": _("Text message"), "email": _("E-mail")},
    }[question]
    return forms.ChoiceField(
        label=label,
        choices=list(choices.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Answer this question."), "invalid_choice": _("Choose one of the answers.")},
    )


def _line(label: str, hint: str, fill: str, *, kind: str = "text") -> forms.CharField:
    widget = forms.TextInput({"autocomplete": fill, "type": kind})
    missing = {"required": _("Answer this question.")}
    return forms.CharField(label=label, max_length=LONGEST, help_text=hint, widget=widget, error_messages=missing)
