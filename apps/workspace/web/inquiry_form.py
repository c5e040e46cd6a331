"""The form in which a colleague types an inquiry in, and the parts of a delivery that it makes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.capture.document_field import DocumentsField
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.capture.referral import REFERRAL, referral_parts
from apps.capture.terms import PointValidity
from apps.catalog.queries import asked_in_order
from apps.consent.terms import Channel
from apps.workspace.web.forms import Choices, local_time, long_text

NEW, PERSON, ORGANIZATION = "new", "person", "organization"
REFERRAL_CLASS = "referral"
CLASSES = [
    ("patient", _("Patient")),
    (REFERRAL_CLASS, _("Referral by a provider")),
    ("recruitment", _("Recruitment")),
    ("partnership", _("Partnership")),
    ("business", _("Business")),
]
RELATIONS = [
    ("", _("It is for the person who asks")),
    ("family", _("A relative or partner asks")),
    ("coordinator", _("A care coordinator asks")),
    ("provider_office", _("A provider's office asks")),
]
SAID = [("", _("Not asked")), ("yes", _("Agreed")), ("no", _("Said no"))]
_ASKER = ("first_name", "last_name", "phone", "email")
_REQUEST = (
    *("service", "location", "appointment_type", "part_of_day", "patient_type", "timeframe"),
    *("message", "preferred_channel", "best_time"),
)
_WHO = (*_ASKER, "postal_code", "city", "region", "preferred_language", "date_of_birth")
_WHAT = (
    *("service", "location", "appointment_type", "part_of_day", "patient_type", "timeframe"),
    *("preferred_channel", "best_time", "message"),
)
_WHERE = ("postal_code", "city", "region")


def _line(label: Any, most: int, kind: str = "text", **more: Any) -> forms.CharField:
    widget = forms.TextInput({"type": kind, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, required=False, widget=widget, **more)


def _pick(label: Any, choices: Sequence[tuple[str, Any]] = (), **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", _("Not asked")), *choices], required=False, **more)


class FindPerson(forms.Form):
    """The number or address of whoever asks; it is posted and never stands in an address."""

    use_required_attribute = False

    q = forms.CharField(
        label=_("Phone or e-mail of whoever asks"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True, "inputmode": "email"}),
        error_messages={"required": _("Type a number or an address, or enter the inquiry without one.")},
    )


class InquiryEntry(forms.Form):
    """An inquiry as it was told. `people` are those on file under the number; choosing one takes their name."""

    use_required_attribute = False

    whose = forms.ChoiceField(label=_("Whose inquiry is it?"), required=False, widget=forms.RadioSelect)
    subject = forms.ChoiceField(
        label=_("Who asks?"),
        choices=[(PERSON, _("A person")), (ORGANIZATION, _("An organisation"))],
        widget=forms.RadioSelect,
        initial=PERSON,
    )
    lead_class = forms.ChoiceField(label=_("What kind of inquiry?"), choices=CLASSES, initial="patient")
    organization_name = _line(_("Name of the organisation"), 200)
    first_name = _line(_("First name"), 100)
    last_name = _line(_("Last name"), 100)
    phone = _line(_("Phone"), 40, "tel")
    email = _line(_("E-mail"), 254, "email")
    postal_code = _line(_("Postal code"), 20)
    city = _line(_("City"), 100)
    region = _line(_("State"), 40)
    date_of_birth = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    preferred_language = _pick(_("Language"), [("en", _("English")), ("es", _("Spanish"))])
    relation = forms.ChoiceField(label=_("For whom?"), choices=RELATIONS, required=False)
    who_first_name = _line(_("First name of who needs it"), 100)
    who_last_name = _line(_("Last name of who needs it"), 100)
    service = _pick(_("Service"))
    location = _pick(_("Location"))
    appointment_type = _line(_("What kind of visit do they prefer?"), 80)
    part_of_day = _pick(_("In which part of the day?"), [("morning", _("Morning")), ("afternoon", _("Afternoon"))])
    patient_type = _pick(_("New or known patient?"), [("new", _("New")), ("established", _("Known"))])
    timeframe = _pick(
        _("When do they want to come?"),
        [
            ("asap", _("As soon as possible")),
            ("within_24h", _("Within a day")),
            ("within_week", _("Within a week")),
            ("within_month", _("Within a month")),
            ("later", _("Later")),
        ],
    )
    preferred_channel = _pick(
        _("How do they want to be reached?"), [("call", _("Call")), ("text", _("Text")), ("email", _("Email"))]
    )
    best_time = _line(_("At what time?"), 40)
    message = forms.CharField(label=_("In their words"), required=False, widget=long_text(), max_length=10_000)
    referral_organization = _line(_("Referring practice or organisation"), 200)
    referral_provider = _line(_("Referring provider"), 200)
    referral_contact_name = _line(_("Contact at the office"), 200)
    referral_contact_phone = _line(_("Phone of the contact"), 40, "tel")
    referral_contact_email = _line(_("E-mail of the contact"), 254, "email")
    referral_reason = forms.CharField(
        label=_("Reason of the referral"),
        required=False,
        widget=long_text(2),
        max_length=2000,
        help_text=_("Left empty, the referral is flagged and looked into today."),
    )
    referral_reference = _line(_("Their reference"), 100)
    documents = DocumentsField()
    said_call = forms.ChoiceField(label=_("Calls"), choices=SAID, required=False)
    said_text = forms.ChoiceField(label=_("Texts"), choices=SAID, required=False)
    said_email = forms.ChoiceField(label=_("Emails"), choices=SAID, required=False)
    source = forms.ChoiceField(
        label=_("Where did it come from?"), error_messages={"required": _("Choose where it came from.")}
    )
    reason = forms.CharField(
        label=_("Why do you enter it by hand?"),
        max_length=300,
        help_text=_("What was asked, and how it reached you. A lead stands for a real inquiry."),
        error_messages={"required": _("Say why you enter it.")},
    )
    asked_at = local_time(label=_("When did they ask?"), required=False, help_text=_("Empty means just now."))

    def __init__(
        self,
        *args: Any,
        choices: Mapping[str, Choices],
        people: Sequence[UUID],
        region: str,
        first: Sequence[str] = (),
        **more: Any,
    ):
        super().__init__(*args, **more)
        self.first = first
        self.people, self.country = [str(each) for each in people], region
        for name in ("first_name", "last_name", "organization_name"):
            self.fields[name].one_of = True  # type: ignore[attr-defined]
        for name in ("service", "location"):
            self._pick_of(name).choices = [("", _("Not asked")), *choices[name]]
        self._pick_of("source").choices = [("", _("Choose")), *choices["source"]]
        self._pick_of("whose").choices = [("", ""), *((each, each) for each in self.people), (NEW, NEW)]

    def clean(self) -> dict[str, Any]:
        """Ask for what makes it an inquiry of somebody: who it is, and what cannot be true of them."""
        data = super().clean() or {}
        if self.people and not data.get("whose") and "whose" not in self.errors:
            self.add_error("whose", _("Somebody with this number or address is on file. Say whose inquiry it is."))
        chosen = data.get("whose", "") not in ("", NEW)
        if data.get("subject") == ORGANIZATION:
            self._check_organization(data, chosen)
        elif not (chosen or data.get("first_name") or data.get("last_name")):
            self.add_error("first_name", _("Type a name."))
        if data.get("relation") and not (data.get("who_first_name") or data.get("who_last_name")):
            self.add_error("who_first_name", _("Type the name of the person it is for."))
        documents = self.fields["documents"]
        assert isinstance(documents, DocumentsField)
        if data.get("lead_class") != REFERRAL_CLASS and (documents.taken or documents.held):
            self.add_error("documents", _("Documents come with a referral. Choose that kind, or take them off."))
        self._check_points(data, ("phone", "email"), ("referral_contact_phone", "referral_contact_email"))
        return data

    @property
    def who(self) -> list[forms.BoundField]:
        """Who asks, in the order in which the channel asks (row CP-02)."""
        return [self[name] for name in asked_in_order(_WHO, self.first)]

    @property
    def what(self) -> list[forms.BoundField]:
        """What they ask for, in the order in which the channel asks."""
        return [self[name] for name in asked_in_order(_WHAT, self.first)]

    @property
    def person_id(self) -> UUID | None:
        """Whom on file the inquiry is from; None for somebody new."""
        whose = self.cleaned_data.get("whose", "")
        return UUID(whose) if whose not in ("", NEW) else None

    @property
    def spoken(self) -> dict[Channel, bool]:
        """What was agreed to or refused aloud, channel by channel."""
        said = {each: self.cleaned_data.get(f"said_{each}", "") for each in Channel}
        return {channel: word == "yes" for channel, word in said.items() if word}

    def parts(self) -> dict[str, Any]:
        """Return the parts of the delivery, without source and reason."""
        data = self.cleaned_data
        asker = {name: data[name] for name in _ASKER if data.get(name)}
        person: dict[str, Any] = asker | {name: data[name] for name in _WHERE if data.get(name)}
        if data.get("date_of_birth"):
            person["date_of_birth"] = data["date_of_birth"].isoformat()
        if data.get("preferred_language"):
            person["preferred_language"] = data["preferred_language"]
        if data["subject"] == ORGANIZATION:
            person |= {"is_organization": True, "organization_name": data["organization_name"]}
        parts: dict[str, Any] = {
            "lead_class": data["lead_class"],
            "person": {name: value for name, value in person.items() if value},
            "request": {name: data[name] for name in _REQUEST if data.get(name)},
        }
        if data["lead_class"] == REFERRAL_CLASS:
            parts |= referral_parts({name: data.get(f"referral_{name}", "") for name in REFERRAL})
        if data.get("relation"):
            parts |= self._for_somebody(parts["person"], asker)
        return parts

    def _for_somebody(self, person: Mapping[str, Any], asker: Mapping[str, str]) -> dict[str, Any]:
        """Return who needs it and, apart from them, who asks: contact and consent are the asker's (row CP-25)."""
        names = {"first_name": self.cleaned_data["who_first_name"], "last_name": self.cleaned_data["who_last_name"]}
        rest = {name: value for name, value in person.items() if name not in _ASKER}
        needing = {name: value for name, value in names.items() if value} | rest
        return {"person": needing, "on_behalf_of": {**asker, "relation": self.cleaned_data["relation"]}}

    def _check_organization(self, data: dict[str, Any], chosen: bool) -> None:
        if not data.get("organization_name") and not chosen:
            self.add_error("organization_name", _("Type the name of the organisation."))
        if data.get("date_of_birth"):
            self.add_error("date_of_birth", _("An organisation has no date of birth."))
        if data.get("relation"):
            self.add_error("relation", _("An organisation asks for itself here. Choose a person to ask for another."))

    def _check_points(self, data: dict[str, Any], *pairs: tuple[str, str]) -> None:
        for phone, email in pairs:
            typed, address = data.get(phone, ""), data.get(email, "")
            if typed and read_phone(typed, self.country).validity is PointValidity.INVALID:
                self.add_error(phone, _("This number cannot be called. Ask again."))
            if address and read_email(address).validity is PointValidity.INVALID:
                self.add_error(email, _("This address cannot get mail. Ask again."))

    def _pick_of(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field
