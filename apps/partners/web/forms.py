"""Forms of the agency's pages. They read types; what may be done the actions decide."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.accounts.terms import AGENCY_SCOPES, KeyMode, Permission
from apps.catalog.models import Source
from apps.partners.terms import Result
from apps.partners.wording import RESULT_WORDS
from apps.tenancy.actor import Actor

USUAL_DAYS, MOST_DAYS, MOST_OVERLAP_DAYS, MOST_BODY = 30, 366, 90, 100_000
SCOPE_WORDS = {
    Permission.DELIVERY_POST: _("Deliver leads"),
    Permission.DELIVERY_READ: _("Read deliveries and their results"),
    Permission.ATTRIBUTION_READ: _("Read attribution"),
    Permission.ACTIVITY_LOG: _("Log contacts of yours"),
}


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


class LogFilter(forms.Form):
    """Result and period of the delivery log; left empty: everything of the last thirty days."""

    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("Any")), *((each, _(RESULT_WORDS[each])) for each in Result)]
    )
    since = _day(_("From"), required=False)
    until = _day(_("To"), required=False)

    def __init__(self, query: QueryDict, *, today: date) -> None:
        usual = {"since": str(today - timedelta(days=USUAL_DAYS - 1)), "until": str(today)}
        super().__init__({**usual, **{name: value for name, value in query.dict().items() if value}}, auto_id="log_%s")
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins or is too long to read."""
        found: dict[str, Any] = self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day lies before the first."))
        elif since and until and (until - since).days >= MOST_DAYS:
            self.add_error("until", _("A period may have 366 days at most."))
        return found

    def days(self) -> tuple[date, date]:
        """Return the first and last day; of a form with faults, the usual ones."""
        data = self.cleaned_data if self.is_valid() else {}
        last = data.get("until") or self.today
        return data.get("since") or last - timedelta(days=USUAL_DAYS - 1), last


class FindForm(forms.Form):
    """A delivery by the sender's own id; it is posted, because an id may say who somebody is."""

    external_id = forms.CharField(label=_("Your id"), max_length=180)


class KeyForm(forms.Form):
    """A new key: its name, whether it delivers for real, and what it may do at most."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Which system uses it, for example “Landing pages”.")
    )
    mode = forms.ChoiceField(
        label=_("Mode"),
        choices=[(KeyMode.TEST, _("Test: delivers test leads only")), (KeyMode.LIVE, _("Live: delivers real leads"))],
        widget=forms.RadioSelect,
        initial=KeyMode.TEST,
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A key that can do less does less harm when it is lost."),
    )
    once = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [each for each in AGENCY_SCOPES if not actor.is_agency or actor.may(each)]
        self.fields["scopes"].choices = [(each.value, SCOPE_WORDS[each]) for each in allowed]  # type: ignore[attr-defined]
        self.fields["scopes"].initial = [Permission.DELIVERY_POST, Permission.DELIVERY_READ]


class RollForm(forms.Form):
    """The last day of the old key."""

    ends_on = _day(_("The old key works until the end of"))
    once = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        last = today + timedelta(days=MOST_OVERLAP_DAYS)
        self.fields["ends_on"].initial = today + timedelta(days=7)
        self.fields["ends_on"].widget.attrs |= {"min": str(today), "max": str(last)}

    def clean_ends_on(self) -> date:
        """Refuse a day that is over, and one so far away that two keys become a habit."""
        day: date = self.cleaned_data["ends_on"]
        if not 0 <= (day - self.today).days <= MOST_OVERLAP_DAYS:
            raise forms.ValidationError(_("Choose a day from today on, at most 90 days ahead."))
        return day


class RehearsalForm(forms.Form):
    """A test lead, in a few fields or as the whole body in JSON."""

    source = forms.ChoiceField(label=_("Source"), required=False)
    first_name = forms.CharField(label=_("First name"), required=False, max_length=100)
    last_name = forms.CharField(label=_("Last name"), required=False, max_length=100)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    email = forms.CharField(label=_("E-mail"), required=False, max_length=254)
    city = forms.CharField(label=_("City"), required=False, max_length=100)
    region = forms.CharField(label=_("State"), required=False, max_length=40)
    service = forms.CharField(label=_("Service"), required=False, max_length=200)
    consent = forms.MultipleChoiceField(
        label=_("The person agreed to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("call", _("Calls")), ("text", _("Texts")), ("email", _("E-mails"))],
    )
    body = forms.CharField(
        label=_("Or the whole body as JSON"),
        required=False,
        max_length=MOST_BODY,
        widget=forms.Textarea({"rows": 10, "spellcheck": "false"}),
        help_text=_("Where it is filled in, the fields above are not looked at."),
    )
    once = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, sources: Sequence[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(each.key, each.name) for each in sources]  # type: ignore[attr-defined]

    def clean_body(self) -> dict[str, Any] | None:
        """Read the body; its shape is judged by the same schema as at the API."""
        text = self.cleaned_data["body"].strip()
        if not text:
            return None
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            place = _("line %(line)d") % {"line": error.lineno} if isinstance(error, json.JSONDecodeError) else ""
            raise forms.ValidationError(_("This is no JSON (%(place)s)."), params={"place": place}) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("Paste one JSON object: one lead."))
        return found

    def payload(self) -> dict[str, Any]:
        """Return the body: the pasted one, or one made of the fields."""
        data = self.cleaned_data
        if data["body"] is not None:
            pasted: dict[str, Any] = data["body"]
            return pasted
        person = {name: data[name] for name in ("first_name", "last_name", "phone", "email", "city", "region")}
        consents = [
            {"channel": channel, "state": "granted", "text": "Test.", "text_version": "test"}
            for channel in data["consent"]
        ]
        return {
            "source": data["source"],
            "person": {name: value for name, value in person.items() if value},
            **({"request": {"service": data["service"]}} if data["service"] else {}),
            **({"consent": consents} if consents else {}),
        }
