"""The form that keeps a view of the queue under a name."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.workspace.web.forms import Choices

VIEW_PURPOSES = [
    ("care", _("Care: answering inquiries")),
    ("scheduling", _("Scheduling")),
    ("payment", _("Payment")),
    ("reporting", _("Reporting")),
    ("marketing", _("Marketing")),
]


class SaveView(forms.Form):
    """A name for the view at hand, and for whom it is kept."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name"), max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    team = forms.ChoiceField(label=_("For whom?"), required=False)
    purpose = forms.ChoiceField(label=_("What for?"), required=False, choices=VIEW_PURPOSES)
    is_default = forms.BooleanField(label=_("The team's queue opens with it"), required=False)

    def __init__(self, *args: Any, whom: Choices, leads: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["team"]
        assert isinstance(team, forms.ChoiceField)
        team.choices = list(whom)
        if not leads:
            del self.fields["is_default"]
