"""The forms of a visit that is booked, and of the link by which the person books one."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.workspace.web.forms import Act, local_time


class SlotField(forms.ChoiceField):
    """A free slot. One that was taken since the page was shown is for the flow to refuse, with what is free next."""

    def valid_value(self, value: Any) -> bool:
        """Take any slot."""
        return True


class Book(Act):
    """A booked visit: a free slot, or when, where, and what confirms it elsewhere."""

    empty_words: ClassVar[dict[str, Any]] = {"location": _("Only with the provider named below")}

    slot = SlotField(
        label=_("Free slots"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("A slot needs nothing below. Choose “Another time” for a visit that was confirmed elsewhere."),
    )
    starts_at = local_time(label=_("When?"), required=False)
    minutes = forms.TypedChoiceField(
        label=_("How long?"),
        coerce=int,
        initial="30",
        choices=[
            ("15", _("15 minutes")),
            ("30", _("30 minutes")),
            ("45", _("45 minutes")),
            ("60", _("1 hour")),
            ("90", _("1½ hours")),
        ],
    )
    location = forms.ChoiceField(label=_("Where?"), required=False)
    provider = forms.CharField(label=_("With whom?"), required=False, max_length=200)
    confirmed_by = forms.CharField(
        label=_("How was it confirmed?"),
        required=False,
        max_length=60,
        help_text=_("By phone, by the scheduling desk, …"),
    )
    external_ref = forms.CharField(label=_("Number in the scheduling system"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """Ask for a time where no slot is chosen."""
        found = super().clean() or self.cleaned_data
        if not found.get("slot") and not found.get("starts_at") and "starts_at" not in self.errors:
            self.add_error("starts_at", _("Choose a free slot, or say when the visit is."))
        return found


class SendLink(Act):
    """Nothing is asked: the link goes as the person permits."""
