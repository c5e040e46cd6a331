"""A page's form, and the body that a whole form makes: the same shape that agencies deliver."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.capture.email_address import read_email
from apps.capture.form_queries import FormSheet
from apps.capture.form_terms import OWN_QUESTIONS, FormKind, Question, QuestionKind, said
from apps.capture.phone import read_phone
from apps.capture.referral import REFERRAL, referral_parts
from apps.capture.terms import PointValidity
from apps.capture.web.fields import HONEYPOT, all_fields
from apps.capture.web.ticket import REPLACED, Ticket

PERSON = ("first_name", "last_name", "phone", "email", "postal_code", "city")
CONTACT = PERSON[:4]
REQUEST = (
    *("service", "location", "appointment_type", "part_of_day", "patient_type", "timeframe"),
    *("preferred_channel", "best_time", "message"),
)


class InquiryForm(forms.Form):
    """What a person types on one page. A name and one way to reach them is enough.

    `questions` are those of the page; without any, all of the form. `groups` holds each with its fields. `service` is
    what another page was told: where it is asked for, only offices that have it are offered (row RT-19).
    """

    def __init__(
        self,
        sheet: FormSheet,
        *args: Any,
        questions: Sequence[Question] | None = None,
        service: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.service = sheet, service
        self.questions = tuple(sheet.content.questions if questions is None else questions)
        self.groups: list[tuple[Question, list[str]]] = []
        for question, found in all_fields(self.questions, sheet):
            self.fields.update(found)
            self.groups.append((question, list(found)))
        location = self.fields.get("location")
        if service and isinstance(location, forms.ChoiceField):
            location.choices = [("", _("The closest one")), *sheet.offices_for(service).items()]
            location.error_messages["invalid_choice"] = _("This office has no %(service)s. Choose another one.") % {
                "service": sheet.services.get(service, service)
            }
        self.fields[HONEYPOT] = forms.CharField(max_length=200, required=False)

    def asks(self, kind: QuestionKind) -> bool:
        """Say whether the page has a question of a kind."""
        return any(each.kind is kind for each in self.questions)

    @property
    def granted(self) -> list[str]:
        """The boxes that were ticked."""
        return [each.field for each in self.sheet.wordings if self.cleaned_data.get(each.field)]

    def clean(self) -> dict[str, Any]:
        """List everything that keeps us from answering this person."""
        data = super().clean() or {}
        for name in self.fields:
            if REPLACED in str(self.data.get(name, "")):
                self.add_error(name, _("Some characters could not be read. Type this again."))
        is_referral = self.sheet.content.kind is FormKind.REFERRAL
        if self.asks(QuestionKind.CONTACT):
            if not (data.get("first_name") or data.get("last_name")):
                self.add_error(
                    "first_name", _("Tell us the person's name.") if is_referral else _("Tell us your name.")
                )
            self._check_points(data, "phone", "email", is_needed=not is_referral)
        if self.asks(QuestionKind.REFERRAL):
            self._check_points(data, "referral_contact_phone", "referral_contact_email", is_needed=True)
        self._check_office(data)
        if data.get("who") and not (data.get("who_first_name") or data.get("who_last_name")):
            self.add_error("who_first_name", _("Tell us the name of the person it is for."))
        if self.asks(QuestionKind.CONSENT) and self.sheet.must_consent and not self.granted:
            self.add_error(None, _("Choose at least one way in which we may contact you."))
        return data

    def body(self, ticket: Ticket, *, ip: str, user_agent: str, page_url: str) -> dict[str, Any]:
        """Return the delivery. It holds no instant, so that the same form sent twice is the same delivery."""
        data, content = self.cleaned_data, self.sheet.content
        body: dict[str, Any] = {
            "source": self.sheet.form.source.key,
            "capture_method": content.capture_method,
            "person": {name: data[name] for name in PERSON if data.get(name)},
            "request": {name: data[name] for name in REQUEST if data.get(name)},
            "consent": self._consents(ip=ip, user_agent=user_agent[:500], page_url=page_url[:1000]),
            "attribution": dict(ticket.attribution),
        }
        if self.sheet.language != "en":
            body["person"]["preferred_language"] = self.sheet.language
        insurance = {name: data[name] for name in ("payer", "member_id") if data.get(name)}
        answers = self._answers()
        if insurance:
            body["insurance"] = insurance
        if data.get("who"):
            body |= self._for_somebody(body["person"])
        if content.kind is FormKind.REFERRAL:
            body |= self._referral()
        if content.kind is FormKind.DOWNLOAD:
            body["lead_class"] = "download"
            title = self.sheet.form.asset.title if self.sheet.form.asset else content.asset
            body["attribution"]["asset"] = title
            answers.append({"key": "asset", "question": "Downloaded", "values": [title]})
        if content.kind is FormKind.EVENT:
            event = said(content.title, "en") or self.sheet.form.title
            answers.append({"key": "event", "question": "Event", "values": [event]})
        if answers:
            body["answers"] = answers
        return body

    def _consents(self, **evidence: str) -> list[dict[str, str]]:
        return [
            {
                "channel": each.ask.channel,
                "purpose": each.ask.purpose,
                "state": "granted",
                "text": each.text,
                "text_version": each.version,
                **evidence,
            }
            for each in self.sheet.wordings
            if each.field in self.granted
        ]

    def _for_somebody(self, typed: dict[str, Any]) -> dict[str, Any]:
        """Return the person it is for, and apart from them whoever fills the form in: contact is theirs (row CP-25)."""
        data = self.cleaned_data
        asker = {name: typed[name] for name in CONTACT if typed.get(name)}
        names = {"first_name": data.get("who_first_name", ""), "last_name": data.get("who_last_name", "")}
        rest = {name: value for name, value in typed.items() if name not in CONTACT}
        person = {name: value for name, value in names.items() if value} | rest
        return {"person": person, "on_behalf_of": {**asker, "relation": data["who"]}}

    def _referral(self) -> dict[str, Any]:
        """Return the referral as every door delivers it."""
        return referral_parts({name: self.cleaned_data.get(f"referral_{name}", "") for name in REFERRAL})

    def _answers(self) -> list[dict[str, Any]]:
        found = []
        for question in self.questions:
            value = self.cleaned_data.get(question.field, "") if question.kind in OWN_QUESTIONS else ""
            if value:
                labels = {each.value: each.label or each.value for each in question.choices}
                found.append({"key": question.key, "question": question.label, "values": [labels.get(value, value)]})
        return found

    def _check_office(self, data: dict[str, Any]) -> None:
        service, location = data.get("service") or self.service, data.get("location") or ""
        offices = self.sheet.offices_for(service)
        if location and service in self.sheet.services and location not in offices:
            words = {
                "office": self.sheet.locations.get(location, location),
                "service": self.sheet.services[service],
                "others": ", ".join(offices.values()),
            }
            self.add_error("location", _("%(office)s has no %(service)s. Choose from: %(others)s.") % words)

    def _check_points(self, data: dict[str, Any], phone_field: str, email_field: str, *, is_needed: bool) -> None:
        phone, email = data.get(phone_field, ""), data.get(email_field, "")
        if is_needed and not phone and not email and not {phone_field, email_field} & set(self.errors):
            self.add_error(phone_field, _("Give us a phone number or an e-mail address."))
        region = self.sheet.organization.region
        if phone and read_phone(phone, region).validity is PointValidity.INVALID:
            self.add_error(phone_field, _("This number cannot be called. Please check it."))
        if email and read_email(email).validity is PointValidity.INVALID:
            self.add_error(email_field, _("This address cannot get mail. Please check it."))
