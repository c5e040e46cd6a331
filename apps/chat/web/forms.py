"""What a visitor may leave to be reached by: a name, a number or an address, and a yes for each channel."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.capture.terms import PointValidity
from apps.catalog.queries import asked_in_order, spec_of
from apps.chat.queries import PageSheet
from apps.tenancy.organizations import current_organization

CHANNEL_WORDS = {"call": _("You may call me"), "text": _("You may text me"), "email": _("You may e-mail me")}
PERSON = ("first_name", "last_name", "phone", "email")


class ContactForm(forms.Form):
    """A number or an address is enough. No box is ticked before."""

    use_required_attribute = False

    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput({"type": "email", "autocomplete": "email"}),
    )

    def __init__(self, sheet: PageSheet, data: Any = None) -> None:
        super().__init__(data, auto_id="contact-%s")
        self.sheet = sheet
        for name in ("phone", "email"):
            # One of the two is needed, so neither is called optional.
            self.fields[name].one_of = True  # type: ignore[attr-defined]
        for channel in sheet.wordings:
            self.fields[f"consent_{channel}"] = forms.BooleanField(label=CHANNEL_WORDS[channel], required=False)

    @property
    def person(self) -> list[forms.BoundField]:
        """Who they are and how to reach them, in the order in which the chat's channel asks (row CP-02)."""
        return [self[name] for name in asked_in_order(PERSON, spec_of(self.sheet.page.source).initial_fields)]

    def clean(self) -> dict[str, Any]:
        """Name everything that keeps us from answering."""
        data = super().clean() or {}
        phone, email = data.get("phone", ""), data.get("email", "")
        if not phone and not email and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", _("Give us a phone number or an e-mail address."))
        region = current_organization().region
        if phone and read_phone(phone, region).validity is PointValidity.INVALID:
            self.add_error("phone", _("This number cannot be called. Please check it."))
        if email and read_email(email).validity is PointValidity.INVALID:
            self.add_error("email", _("This address cannot get mail. Please check it."))
        return data

    def values(self, *, ip: str, user_agent: str, page_url: str) -> dict[str, Any]:
        """Return what is kept: the person and each permission with its wording, as the public forms keep it."""
        data = self.cleaned_data
        granted = [channel for channel in self.sheet.wordings if data.get(f"consent_{channel}")]
        return {
            **{name: data[name] for name in PERSON if data.get(name)},
            "consent": [
                {
                    "channel": channel,
                    "purpose": "care_inquiry",
                    "state": "granted",
                    "text": self.sheet.wordings[channel],
                    "text_version": self.sheet.page.consent_version,
                    "ip": ip,
                    "user_agent": user_agent[:500],
                    "page_url": page_url[:1000],
                }
                for channel in granted
            ],
        }
