"""The form by which a lead is shown to somebody who does not own it."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.workspace.web.forms import Act, local_time, long_text


class Share(Act):
    """With whom, what for, until when, why."""

    empty_words: ClassVar[dict[str, Any]] = {"team": _("No team"), "member": _("No person")}

    team = forms.ChoiceField(label=_("With which team?"), required=False)
    member = forms.ChoiceField(label=_("Or with whom?"), required=False)
    contact = forms.BooleanField(label=_("They may contact the person"), required=False)
    download = forms.BooleanField(label=_("They may download the lead"), required=False)
    ends_at = local_time(label=_("Until when?"), help_text=_("Within 90 days. It ends by itself."))
    reason = forms.CharField(label=_("Why?"), widget=long_text(), max_length=300)
