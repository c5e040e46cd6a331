"""The forms of the four steps of a handoff, of a return, and of a wrong category. They read types alone."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.handoffs.terms import ELIGIBILITY, LONGEST_REASON, LONGEST_TEXT, HandoffType
from apps.workspace.handoff_page import Receiver
from apps.workspace.web.forms import Act, Choices, long_text


class Who(forms.Form):
    """To whom the lead goes, by which handoff."""

    use_required_attribute = False
    who = forms.ChoiceField(
        label=_("To whom?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who receives.")},
    )

    def __init__(self, *args: Any, receivers: Sequence[Receiver], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = self.fields["who"]
        assert isinstance(found, forms.ChoiceField)
        found.choices = [(each.value, f"{each.team.name}: {each.kind.name} ({each.words})") for each in receivers]


class Checklist(forms.Form):
    """The items of a type; each is ticked, or has one of the reasons for which it may stay open."""

    use_required_attribute = False

    def __init__(self, *args: Any, kind: HandoffType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        excuses = [("", _("no reason")), *((each, each) for each in kind.excuses)]
        for item in kind.items:
            label = item.label if item.is_mandatory else _("%(label)s (if it applies)") % {"label": item.label}
            self.fields[f"item-{item.id}"] = forms.BooleanField(label=label, required=False)
            if kind.excuses and item.is_mandatory:
                spoken = _("Or why “%(label)s” stays open") % {"label": item.label}
                self.fields[f"excuse-{item.id}"] = forms.ChoiceField(
                    label=_("Or why it stays open"),
                    choices=excuses,
                    required=False,
                    widget=forms.Select(attrs={"aria-label": spoken}),
                )


class Told(forms.Form):
    """The structured note: service, what of the contact details was confirmed, next step, why it is for them."""

    use_required_attribute = False
    service = forms.ChoiceField(label=_("Service"))
    confirmed = forms.MultipleChoiceField(
        label=_("Which contact details did you confirm?"), widget=forms.CheckboxSelectMultiple
    )
    next_step = forms.CharField(
        label=_("Next step"), max_length=LONGEST_TEXT, help_text=_("What the new owner does first.")
    )
    eligibility = forms.CharField(
        label=_("Eligibility note"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_("Why the service is for them: age, referral, what was ruled out."),
    )
    text = forms.CharField(label=_("Anything else"), required=False, widget=long_text(2), max_length=LONGEST_TEXT)

    def __init__(
        self, *args: Any, services: Choices, points: Choices, must_pass: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["eligibility"].required = ELIGIBILITY in must_pass
        for name, found in (("service", [("", _("Choose")), *services]), ("confirmed", list(points))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found


class BulkHandOff(Act):
    """To whom several leads go, and what holds for each of them; items are named with their type: "H-1:identity"."""

    empty_words: ClassVar[dict[str, Any]] = {"who": _("Choose who receives")}

    who = forms.ChoiceField(label=_("To whom?"), widget=forms.Select(attrs={"autofocus": True}))
    items = forms.MultipleChoiceField(
        label=_("Done for each of these leads"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick what you checked for every one. Only the items of the handoff that you chose count."),
    )
    confirmed = forms.MultipleChoiceField(
        label=_("Which contact details did you confirm?"),
        choices=[("phone", _("Phone")), ("email", _("E-mail"))],
        widget=forms.CheckboxSelectMultiple,
    )
    next_step = forms.CharField(
        label=_("Next step"), max_length=LONGEST_TEXT, help_text=_("What the new owner does first.")
    )
    eligibility = forms.CharField(
        label=_("Eligibility note"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_("Why the service is for them: age, referral, what was ruled out."),
    )

    def __init__(self, *args: Any, choices: dict[str, Choices] | None = None, **kwargs: Any) -> None:
        given = dict(choices or {})
        items = given.pop("items", [])
        super().__init__(*args, choices=given, **kwargs)
        self.fields["items"].choices = items  # type: ignore[attr-defined]


class ReturnTransfer(Act):
    """Why a transferred lead goes back."""

    reason = forms.CharField(
        label=_("Why does it go back?"),
        widget=long_text(),
        max_length=LONGEST_REASON,
        help_text=_("Whoever gave it reads this in their task. It can be returned once."),
    )


class WrongCategory(Act):
    """What a lead wants instead of what it was taken for, and what showed it."""

    service = forms.ChoiceField(label=_("What do they really want?"))
    reason = forms.CharField(label=_("What showed it?"), widget=long_text(2), max_length=LONGEST_REASON)
