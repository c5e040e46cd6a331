"""Forms of relationships and opportunities. They read types; whether it may be done the actions decide."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.relationships.terms import LONGEST_REASON, LONGEST_TERMS
from apps.workspace.web.forms import Act, long_text


def _reason(label: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=long_text(2), max_length=LONGEST_REASON)


class NewRelationship(Act):
    """A group on file or a new one, and which team of the actor's owns it."""

    empty_words: ClassVar[dict[str, Any]] = {"party": _("Not on file yet")}

    party = forms.ChoiceField(label=_("Which group?"), required=False)
    name = forms.CharField(label=_("If it is not on file: its name"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("If it is not on file: what is it?"), required=False)
    team = forms.ChoiceField(label=_("Which team of yours owns the relationship?"))


class NameContact(Act):
    """Who it is, what they do, how they are reached."""

    name = forms.CharField(label=_("Name"), max_length=200)
    role = forms.ChoiceField(
        label=_("What do they do with us?"),
        widget=forms.RadioSelect,
        help_text=_("One contact decides: whoever did before informs from then on."),
    )
    title = forms.CharField(label=_("Title or position"), required=False, max_length=100)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40, widget=forms.TextInput({"type": "tel"}))
    email = forms.CharField(label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput)


class ReachOut(Act):
    """Whom to reach, why, and what they agreed to."""

    contact = forms.ChoiceField(label=_("Whom do you reach out to?"))
    source = forms.ChoiceField(label=_("Where does it count?"))
    reason = _reason(_("What is it about?"))
    said_call = forms.BooleanField(label=_("They agreed to be called"), required=False)
    said_email = forms.BooleanField(label=_("They agreed to e-mails"), required=False)


class OpenOpportunity(Act):
    """A further opportunity of the group."""

    name = forms.CharField(label=_("Name"), max_length=200)
    reason = _reason(_("What does it rest on?"))


class WriteTerms(Act):
    """What is agreed, and what comes next; with both there they wait for approval."""

    name = forms.CharField(label=_("Name"), max_length=200)
    terms = forms.CharField(label=_("Terms"), required=False, widget=long_text(5), max_length=LONGEST_TERMS)
    next_steps = forms.CharField(label=_("Next steps"), required=False, widget=long_text(3), max_length=LONGEST_TERMS)


class Give(Act):
    """Which team owns it from now on, and why."""

    team = forms.ChoiceField(label=_("To which team?"))
    reason = _reason(_("Why?"))


class Approve(Act):
    """Nothing to fill in: the terms stand beside it."""


class AskOwner(Act):
    """What the owner is asked to change, to what, and why."""

    field = forms.ChoiceField(label=_("What should change?"))
    team = forms.ChoiceField(label=_("To which team, if it is the owner?"), required=False)
    contact = forms.ChoiceField(label=_("To whom, if it is who decides?"), required=False)
    proposed = forms.CharField(
        label=_("Else: what should it say?"), required=False, widget=long_text(3), max_length=LONGEST_TERMS
    )
    reason = _reason(_("Why?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {key for key, _word in (kwargs.get("choices") or {}).get("field", ())}
        for name in ("contact",) if "decider" not in asked else ("proposed",):
            del self.fields[name]

    @property
    def wanted(self) -> str:
        """What the field should become."""
        said = self.cleaned_data
        of = {"owner_team": "team", "decider": "contact"}.get(said["field"], "proposed")
        return str(said.get(of) or "")
