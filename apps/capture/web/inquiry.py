"""The form's fields, and the body that they make: the same shape that agencies deliver."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.capture.queries import FormSheet
from apps.capture.terms import PointValidity
from apps.capture.web.ticket import REPLACED, Ticket

CHANNEL_WORDS = {"call": _("You may call me"), "text": _("You may text me"), "email": _("You may e-mail me")}
HONEYPOT = "website"
ONE_OF = ("first_name", "last_name", "phone", "email")
PERSON = ("first_name", "last_name", "phone", "email", "postal_code")
REQUEST = ("service", "location", "patient_type", "timeframe", "preferred_channel", "best_time", "message")
_PATIENT_TYPES = [
    ("", _("Choose")),
    ("new", _("I am new here")),
    ("established", _("I have been here before")),
]
_TIMEFRAMES = [
    ("", _("Choose")),
    ("asap", _("As soon as possible")),
    ("within_week", _("Within a week")),
    ("within_month", _("Within a month")),
    ("later", _("Later, or not sure")),
]
_CHANNELS = [
    ("", _("No preference")),
    ("call", _("Call")),
    ("text", _("Text message")),
    ("email", _("E-mail")),
]
_TIMES = [("", _("Any time")), ("mornings", _("Mornings")), ("afternoons", _("Afternoons"))]


class InquiryForm(forms.Form):
    """What a person types. A name and one way to reach them is enough."""

    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        help_text=_("A phone number or an e-mail address is enough."),
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput({"type": "email", "autocomplete": "email"}),
    )
    postal_code = forms.CharField(label=_("ZIP code"), max_length=12, required=False)
    service = forms.ChoiceField(label=_("What is it about?"), required=False)
    location = forms.ChoiceField(label=_("Which office suits you?"), required=False)
    patient_type = forms.ChoiceField(label=_("Have you been here before?"), choices=_PATIENT_TYPES, required=False)
    timeframe = forms.ChoiceField(label=_("How soon?"), choices=_TIMEFRAMES, required=False)
    preferred_channel = forms.ChoiceField(
        label=_("How do you prefer to be reached?"), choices=_CHANNELS, required=False
    )
    best_time = forms.ChoiceField(label=_("Best time"), choices=_TIMES, required=False)
    message = forms.CharField(label=_("Your message"), max_length=4000, required=False, widget=forms.Textarea)
    website = forms.CharField(max_length=200, required=False)

    def __init__(self, sheet: FormSheet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        for name in ONE_OF:
            # One of these is needed, so none of them is called optional.
            self.fields[name].one_of = True  # type: ignore[attr-defined]
        services = list(sheet.services.items())
        first = [] if len(services) == 1 else [("", _("Choose"))]
        self.fields["service"] = forms.ChoiceField(
            label=self.fields["service"].label, choices=[*first, *services], required=False
        )
        self.fields["location"] = forms.ChoiceField(
            label=self.fields["location"].label,
            required=False,
            choices=[("", _("The closest one")), *sheet.locations.items()],
        )
        for channel in sheet.wordings:
            self.fields[f"consent_{channel}"] = forms.BooleanField(label=CHANNEL_WORDS[channel], required=False)

    @property
    def granted(self) -> list[str]:
        """The channels that were ticked."""
        return [channel for channel in self.sheet.wordings if self.cleaned_data.get(f"consent_{channel}")]

    def clean(self) -> dict[str, Any]:
        """List everything that keeps us from answering this person."""
        data = super().clean() or {}
        for name in self.fields:
            if REPLACED in str(self.data.get(name, "")):
                self.add_error(name, _("Some characters could not be read. Type this again."))
        if not (data.get("first_name") or data.get("last_name")):
            self.add_error("first_name", _("Tell us your name."))
        self._check_points(data)
        if self.sheet.form.source.missing_consent == "refuse" and not self.granted:
            self.add_error(None, _("Choose at least one way in which we may contact you."))
        return data

    def body(self, ticket: Ticket, *, ip: str, user_agent: str, page_url: str) -> dict[str, Any]:
        """Return the delivery. It holds no instant, so that the same form sent twice is the same delivery."""
        data = self.cleaned_data
        return {
            "source": self.sheet.form.source.key,
            "capture_method": "web_form",
            "person": {name: data[name] for name in PERSON if data.get(name)},
            "request": {name: data[name] for name in REQUEST if data.get(name)},
            "consent": [
                {
                    "channel": channel,
                    "purpose": "care_inquiry",
                    "state": "granted",
                    "text": self.sheet.wordings[channel],
                    "text_version": self.sheet.form.consent_version,
                    "ip": ip,
                    "user_agent": user_agent[:500],
                    "page_url": page_url[:1000],
                }
                for channel in self.granted
            ],
            "attribution": ticket.attribution,
        }

    def _check_points(self, data: dict[str, Any]) -> None:
        phone, email = data.get("phone", ""), data.get("email", "")
        if not phone and not email and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", _("Give us a phone number or an e-mail address."))
        region = self.sheet.organization.region
        if phone and read_phone(phone, region).validity is PointValidity.INVALID:
            self.add_error("phone", _("This number cannot be called. Please check it."))
        if email and read_email(email).validity is PointValidity.INVALID:
            self.add_error("email", _("This address cannot get mail. Please check it."))
