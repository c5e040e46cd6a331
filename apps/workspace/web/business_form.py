"""The form of a mail to a business that did not ask for it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.workspace.web.forms import Act


class BusinessMail(Act):
    """A mail to a business that did not ask for it: which, to what end, and why it may be written."""

    template = forms.ChoiceField(label=_("Which mail?"))
    about = forms.CharField(
        label=_("To what end?"),
        max_length=300,
        help_text=_("It stands in the mail and in the record, such as: screening days for your staff."),
        error_messages={"required": _("Say to what end you write.")},
    )
    basis = forms.ChoiceField(
        label=_("Why may we write?"),
        widget=forms.RadioSelect,
        choices=[
            ("relation", _("We work with them already")),
            ("asked", _("They asked for it")),
            ("published", _("They publish this address for such offers")),
            ("referred", _("Somebody at the business named them to us")),
        ],
        error_messages={"required": _("Say why we may write.")},
    )
