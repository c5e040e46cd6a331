"""The form of a message that is sent by hand: which approved words go."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.workspace.web.forms import Act


class WriteMessage(Act):
    """A message of approved words; they are chosen from a list beside their preview."""

    words = forms.ChoiceField(
        label=_("Message"),
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose a message."),
            "invalid_choice": _("This message is not offered here: not approved, or for another service or stage."),
        },
    )
