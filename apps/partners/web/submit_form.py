"""The form in which a partner's person submits a lead: somebody who asks, or a patient whom the office refers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.capture.document_field import DocumentsField
from apps.capture.referral import REFERRAL, referral_parts
from apps.catalog.models import Source
from apps.catalog.terms import CaptureMethod
from apps.consent.terms import Channel

REFERRED, ASKING = "referral", "patient"
WORDING_VERSION = "portal-1"
#: What the submitter states, by kind and channel; kept with the delivery word for word.
STATEMENTS = {
    REFERRED: {
        Channel.CALL: "You may call our office about this referral.",
        Channel.TEXT: "You may text our office about this referral.",
        Channel.EMAIL: "You may write to our office about this referral.",
    },
    ASKING: {
        Channel.CALL: "The person agreed to be called about their request.",
        Channel.TEXT: "The person agreed to get text messages about their request.",
        Channel.EMAIL: "The person agreed to get e-mail about their request.",
    },
}
_PERSON = ("first_name", "last_name", "phone", "email", "postal_code")


def _line(label: Any, most: int, kind: str = "text", **more: Any) -> forms.CharField:
    widget = forms.TextInput({"type": kind, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, required=False, widget=widget, **more)


class SubmitForm(forms.Form):
    """A lead of the partner's."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=_("What do you submit?"),
        choices=[(REFERRED, _("A patient whom we refer")), (ASKING, _("Somebody who asked us"))],
        widget=forms.RadioSelect,
        initial=REFERRED,
    )
    source = forms.ChoiceField(label=_("Source"))
    external_id = _line(_("Your id of it"), 180)
    first_name = _line(_("First name"), 100)
    last_name = _line(_("Last name"), 100)
    phone = _line(_("Phone"), 40, "tel")
    email = _line(_("E-mail"), 254, "email")
    postal_code = _line(_("Postal code"), 20)
    date_of_birth = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    service = forms.ChoiceField(label=_("Service"), required=False)
    message = forms.CharField(
        label=_("What they ask for"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 3})
    )
    referral_organization = _line(_("Practice or organisation"), 200)
    referral_provider = _line(_("Referring provider"), 200)
    referral_contact_name = _line(_("Whom may we call at your office?"), 200)
    referral_contact_phone = _line(_("Phone of that person"), 40, "tel")
    referral_contact_email = _line(_("E-mail of that person"), 254, "email")
    referral_reference = _line(_("Your reference for the records"), 100)
    referral_reason = forms.CharField(
        label=_("Reason for the referral"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    documents = DocumentsField()
    permissions = forms.MultipleChoiceField(
        label=_("We may answer by"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(Channel.CALL, _("Calls")), (Channel.TEXT, _("Texts")), (Channel.EMAIL, _("E-mails"))],
        help_text=_("Of a referral: to your office. Of somebody who asked you: to them, as they agreed."),
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, sources: Sequence[Source], services: Sequence[tuple[str, str]], **more: Any):
        super().__init__(*args, **more)
        self.sources = {each.key: each for each in sources}
        for name in ("first_name", "last_name"):
            self.fields[name].one_of = True  # type: ignore[attr-defined]
        self.fields["source"].choices = [(each.key, each.name) for each in sources]  # type: ignore[attr-defined]
        self.fields["service"].choices = [("", _("Not sure")), *services]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a name and for somebody who can be reached; the intake judges the rest."""
        data = super().clean() or {}
        if not (data.get("first_name") or data.get("last_name")):
            self.add_error("first_name", _("Give the person's name."))
        is_referral = data.get("kind") == REFERRED
        phone, email = ("referral_contact_phone", "referral_contact_email") if is_referral else ("phone", "email")
        if not (data.get(phone) or data.get(email) or {phone, email} & set(self.errors)):
            self.add_error(phone, _("Give a phone number or an e-mail address."))
        return data

    def payload(self) -> dict[str, Any]:
        """Return the delivery, as the partner's programs would send it."""
        data = self.cleaned_data
        person = {name: data[name] for name in _PERSON if data.get(name)}
        if data.get("date_of_birth"):
            person["date_of_birth"] = data["date_of_birth"].isoformat()
        channel = self.sources[data["source"]].channel
        body: dict[str, Any] = {
            "source": data["source"],
            "capture_method": channel if channel in set(CaptureMethod) - {CaptureMethod.MANUAL} else "web_form",
            "lead_class": data["kind"],
            "person": person,
            "request": {name: data[name] for name in ("service", "message") if data.get(name)},
            "consent": [
                {"channel": each, "state": "granted", "text": text, "text_version": WORDING_VERSION}
                for each, text in STATEMENTS[data["kind"]].items()
                if each in data["permissions"]
            ],
        }
        if data["permissions"]:
            # The first way that is allowed, in the order of the boxes, is the one that is asked for.
            body["request"]["preferred_channel"] = data["permissions"][0]
        if data.get("external_id"):
            body["external_id"] = data["external_id"]
        if data["kind"] == REFERRED:
            body["capture_method"] = "referral"
            body |= referral_parts({name: data.get(f"referral_{name}", "") for name in REFERRAL})
        return body
