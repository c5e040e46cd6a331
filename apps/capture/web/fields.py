"""From a form's questions to the fields of a page, in the words of its language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.capture.document_field import NAME as DOCUMENTS
from apps.capture.document_field import DocumentsField
from apps.capture.form_queries import FormSheet
from apps.capture.form_terms import Question, QuestionKind

Fields = Mapping[str, forms.Field]

HONEYPOT = "website"
CHANNEL_WORDS = {"call": _("You may call me"), "text": _("You may text me"), "email": _("You may e-mail me")}
PURPOSE_WORDS = {
    "call": _("You may call me about news and offers"),
    "text": _("You may text me about news and offers"),
    "email": _("You may e-mail me about news and offers"),
}
PATIENT_TYPES = [
    ("", _("Choose")),
    ("new", _("I am new here")),
    ("established", _("I have been here before")),
]
TIMEFRAMES = [
    ("", _("Choose")),
    ("asap", _("As soon as possible")),
    ("within_week", _("Within a week")),
    ("within_month", _("Within a month")),
    ("later", _("Later, or not sure")),
]
CHANNELS = [
    ("", _("No preference")),
    ("call", _("Call")),
    ("text", _("Text message")),
    ("email", _("E-mail")),
]
TIMES = [("", _("Any time")), ("mornings", _("Mornings")), ("afternoons", _("Afternoons"))]
PARTS_OF_DAY = [("", _("Any time of the day")), ("morning", _("Morning")), ("afternoon", _("Afternoon"))]
WHOM = [
    ("", _("For me")),
    ("family", _("For somebody in my family")),
    ("coordinator", _("For somebody I look after at work")),
    ("other", _("For somebody else")),
]


class OfferingInput(forms.TextInput):
    """A line of text that offers values, each with its label in the page's language; another one can be typed."""

    def __init__(self, offers: Sequence[tuple[str, str]], attrs: Mapping[str, Any]) -> None:
        super().__init__(dict(attrs))
        self.offers = offers

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Draw the line and the list that it offers."""
        key = f"{(attrs or {}).get('id') or name}_offers"
        line = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.offers)
        return format_html('{}<datalist id="{}">{}</datalist>', line, key, options)


def _line(label: Any, length: int, hint: Any = "", kind: str = "", fill: str = "") -> forms.CharField:
    marks = {name: text for name, text in (("type", kind), ("autocomplete", fill)) if text}
    widget = forms.TextInput(marks)
    return forms.CharField(label=label, max_length=length, required=False, help_text=hint, widget=widget)


def _pick(label: Any, choices: Sequence[Any], hint: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, help_text=hint)


def _service(sheet: FormSheet) -> Fields:
    options = list(sheet.services.items())
    first = [] if len(options) == 1 else [("", _("I am not sure"))]
    return {"service": _pick(_("What is it about?"), [*first, *options])}


def _location(sheet: FormSheet) -> Fields:
    only = next(iter(sheet.services)) if len(sheet.services) == 1 else ""
    options = [("", _("The closest one")), *sheet.offices_for(only).items()]
    return {"location": _pick(_("Which office suits you?"), options)}


def _appointment_type(sheet: FormSheet) -> Fields:
    """Offer the types of visit of each service, under its name where there are several."""
    known = [(sheet.services[key], sheet.visit_types.get(key, ())) for key in sheet.services]
    groups = [(name, [(each, each) for each in types]) for name, types in known if types]
    options = groups[0][1] if len(groups) == 1 else groups
    return {"appointment_type": _pick(_("What kind of visit would you like?"), [("", _("I am not sure")), *options])}


def _contact(sheet: FormSheet) -> Fields:
    is_own = sheet.content.first(QuestionKind.REFERRAL) is None
    hint = _("A phone number or an e-mail address is enough.") if is_own else ""
    found = {
        "first_name": _line(_("First name"), 100, fill="given-name"),
        "last_name": _line(_("Last name"), 100, fill="family-name"),
        "phone": _line(_("Phone"), 40, hint, "tel", "tel"),
        "email": _line(_("E-mail"), 254, "", "email", "email"),
    }
    for name in found if is_own else ("first_name", "last_name"):
        # One of these is needed, so none of them is called optional. Who refers is reached instead of the person.
        found[name].one_of = True  # type: ignore[attr-defined]
    return found


def _who(sheet: FormSheet) -> Fields:
    hint = _("Leave this empty if it is for you.")
    return {
        "who": _pick(_("Who is this for?"), WHOM),
        "who_first_name": _line(_("Their first name"), 100, hint),
        "who_last_name": _line(_("Their last name"), 100),
    }


def _referral(sheet: FormSheet) -> Fields:
    hint = _("A phone number or an e-mail address is enough.")
    found = {
        "referral_organization": _line(_("Your practice or organization"), 200),
        "referral_provider": _line(_("Referring provider"), 200),
        "referral_contact_name": _line(_("Whom may we call at your office?"), 200),
        "referral_contact_phone": _line(_("Phone of that person"), 40, hint, "tel"),
        "referral_contact_email": _line(_("E-mail of that person"), 254, "", "email"),
        "referral_reason": forms.CharField(
            label=_("Reason for the referral"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
        ),
        "referral_reference": _line(_("Your reference for the records"), 100),
    }
    for name in ("referral_contact_phone", "referral_contact_email"):
        found[name].one_of = True  # type: ignore[attr-defined]
    return found


def _documents(sheet: FormSheet) -> Fields:
    return {DOCUMENTS: DocumentsField(label=_("Documents about the referral"))}


def _insurance(sheet: FormSheet) -> Fields:
    return {
        "payer": _line(_("Name of your health plan"), 100),
        "member_id": _line(_("Member number"), 100),
    }


def _consent(sheet: FormSheet) -> Fields:
    return {
        each.field: forms.BooleanField(
            label=(CHANNEL_WORDS if each.ask.purpose == "care_inquiry" else PURPOSE_WORDS)[each.ask.channel],
            required=False,
        )
        for each in sheet.wordings
    }


def _city(sheet: FormSheet) -> Fields:
    question = sheet.content.first(QuestionKind.CITY)
    spanish = sheet.language == "es"
    offers = [(each.value, (spanish and each.label_es) or each.label) for each in question.choices] if question else []
    found = _line(_("In which city do you live?"), 100, _("Choose it from the list, or type it.") if offers else "")
    marks = {"autocomplete": "address-level2", "maxlength": "100"}
    found.widget = OfferingInput(offers, marks) if offers else forms.TextInput(marks)
    return {"city": found}


def _message(sheet: FormSheet) -> Fields:
    widget = forms.Textarea({"rows": 4})
    return {"message": forms.CharField(label=_("Your message"), max_length=4000, required=False, widget=widget)}


_MAKERS: Mapping[QuestionKind, Callable[[FormSheet], Fields]] = {
    QuestionKind.SERVICE: _service,
    QuestionKind.LOCATION: _location,
    QuestionKind.CITY: _city,
    QuestionKind.REASON: _message,
    QuestionKind.CONTACT: _contact,
    QuestionKind.WHO: _who,
    QuestionKind.REFERRAL: _referral,
    QuestionKind.DOCUMENTS: _documents,
    QuestionKind.INSURANCE: _insurance,
    QuestionKind.CONSENT: _consent,
    QuestionKind.BEST_TIME: lambda sheet: {"best_time": _pick(_("Best time"), TIMES)},
    QuestionKind.PART_OF_DAY: lambda sheet: {"part_of_day": _pick(_("Which part of the day suits you?"), PARTS_OF_DAY)},
    QuestionKind.APPOINTMENT_TYPE: _appointment_type,
    QuestionKind.PATIENT_TYPE: lambda sheet: {"patient_type": _pick(_("Have you been here before?"), PATIENT_TYPES)},
    QuestionKind.TIMEFRAME: lambda sheet: {"timeframe": _pick(_("How soon?"), TIMEFRAMES)},
    QuestionKind.POSTAL_CODE: lambda sheet: {"postal_code": _line(_("ZIP code"), 12, fill="postal-code")},
    QuestionKind.PREFERRED_CHANNEL: lambda sheet: {
        "preferred_channel": _pick(_("How do you prefer to be reached?"), CHANNELS)
    },
}


def fields_of(question: Question, sheet: FormSheet) -> Fields:
    """Return the fields of a question by name; its own words go to the first one."""
    label, hint = question.words(sheet.language)
    found = {question.field: _own(question, sheet)} if question.kind not in _MAKERS else _MAKERS[question.kind](sheet)
    if question.kind is QuestionKind.CONSENT:
        return found
    first = next(iter(found.values()))
    if hint:
        # Of documents the limits stay said.
        first.help_text = f"{hint} {first.help_text}" if question.kind is QuestionKind.DOCUMENTS else hint
    if label and len(found) == 1:
        first.label = label
    if question.is_required and len(found) == 1:
        first.required = True
        first.error_messages["required"] = _("Answer this question.")
    return found


def _own(question: Question, sheet: FormSheet) -> forms.Field:
    if question.kind is QuestionKind.CHOICE:
        spanish = sheet.language == "es"
        options = [(each.value, (spanish and each.label_es) or each.label or each.value) for each in question.choices]
        return _pick(question.label, [("", _("Choose")), *options])
    return _line(question.label, 200)


def all_fields(questions: Sequence[Question], sheet: FormSheet) -> Iterator[tuple[Question, Fields]]:
    """Yield each question with its fields."""
    for question in questions:
        yield question, fields_of(question, sheet)
