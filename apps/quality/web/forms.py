"""The form of a clean-up. It reads types; what may become what the actions decide."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.flows.cleaning import CLEANABLE
from apps.ownership.terms import is_of
from apps.quality.wording import FIELDS

Choices = Sequence[tuple[str, str]]


class FieldForm(forms.Form):
    """Which field is cleaned up."""

    field = forms.ChoiceField(label=_("Which field?"))

    def __init__(self, *args: Any, apart: Collection[str] = (), **kwargs: Any) -> None:
        """Offer what the person's role edits; `apart` are the groups of fields that it does not."""
        super().__init__(*args, **kwargs)
        field = self.fields["field"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each, FIELDS[each]) for each in CLEANABLE if not is_of(each, apart)]


class ChangeForm(forms.Form):
    """From which value to which, and why."""

    was = forms.ChoiceField(label=_("Leads that have"), required=False)
    value = forms.CharField(label=_("Shall have"), max_length=100)
    reason = forms.CharField(label=_("Why?"), max_length=300, help_text=_("Stands in each lead's story."))

    def __init__(self, *args: Any, present: Choices, possible: Choices | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["was"].choices = list(present)  # type: ignore[attr-defined]
        if possible is not None:
            self.fields["value"] = forms.ChoiceField(label=_("Shall have"), choices=list(possible))
