"""The forms by which a team says who sees what came through its form or calling list, and another asks for it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Team


class Access(forms.Form):
    """Whose it is, and the teams that look at it."""

    owner = forms.ChoiceField(label=_("Owning team"), help_text=_("Only this team changes it."))
    teams = forms.MultipleChoiceField(
        label=_("Shared with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("These teams see what came through it; they cannot change it."),
    )

    def __init__(self, *args: Any, offered: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.key, each.name) for each in offered]
        self.fields["owner"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]
        self.fields["teams"].choices = choices  # type: ignore[attr-defined]


class Ask(forms.Form):
    """For which team access is asked, where the asker works in several, and why."""

    team = forms.ChoiceField(label=_("Your team"))
    reason = forms.CharField(
        label=_("Why your team needs it"), max_length=300, help_text=_("The owning team reads this and answers.")
    )

    def __init__(self, *args: Any, offered: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(offered) == 1:
            del self.fields["team"]
        else:
            choices = [(each.key, each.name) for each in offered]
            self.fields["team"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]
