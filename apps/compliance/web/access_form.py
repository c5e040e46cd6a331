"""What the access log is asked for. It stands in the address, so it holds references, days and keys, never a name."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ApiKey, Membership, Party
from apps.audit.asking import Asked, Kind
from apps.compliance.access import Question
from apps.compliance.dots import bounds_of
from apps.compliance.subjects import things_of
from apps.leads.models import Lead, Person

USUAL_DAYS = 7
KIND_LABELS = {
    Kind.READ: _("Reads"),
    Kind.CHANGE: _("Changes"),
    Kind.REFUSAL: _("Refusals"),
    Kind.SIGN_IN: _("Sign-ins"),
    Kind.EXPORT: _("Exports"),
    Kind.BREAK_GLASS: _("Break-glass"),
}
QUESTION_LABELS = {
    Question.OUTSIDE: _("Outside own team"),
    Question.UNACTED: _("Viewed without action"),
    Question.GLASS: _("Break-glass"),
    Question.BULK: _("In bulk"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form asks for: the question to the ledger, the saved question, and whose record it is about."""

    asked: Asked
    question: Question | None
    person_id: UUID | None
    day: date


class AccessFilter(forms.Form):
    """Whose record, who looked, which agency, what kind of act, when; empty means everybody in the last seven days.

    What nobody asked for is reads: of all that the ledger holds they are what people come here for.
    A record that is named is looked up from the beginning of the ledger, unless days are named, too.
    """

    whose = forms.CharField(
        label=_("Record of lead"), required=False, max_length=40, widget=forms.TextInput({"placeholder": "L-1005"})
    )
    actor = forms.ChoiceField(label=_("Who acted"), required=False)
    party = forms.ChoiceField(label=_("Agency"), required=False)
    kind = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("Everything")), *KIND_LABELS.items()])
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ask = forms.ChoiceField(required=False, choices=[("", ""), *QUESTION_LABELS.items()], widget=forms.HiddenInput)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query if "kind" in query or "ask" in query else {**query.dict(), "kind": Kind.READ.value})
        people = Membership.rows().order_by("user__name").values_list("user_id", "user__name")
        keys = ApiKey.rows().order_by("name").values_list("id", "name")
        agencies = Party.rows().order_by("name").values_list("id", "name")
        self.fields["actor"].choices = [("", gettext("Anybody")), *people, *keys]  # type: ignore[attr-defined]
        self.fields["party"].choices = [("", gettext("Any or none")), *agencies]  # type: ignore[attr-defined]

    def clean_whose(self) -> UUID | None:
        """Find the person behind a lead's number or an id; say so where there is none."""
        text = str(self.cleaned_data["whose"]).strip()
        if not text:
            return None
        digits = text.upper().removeprefix("L-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 15:
            found = Lead.rows().filter(number=int(digits)).values_list("person_id", flat=True).first()
        else:
            found = _person_of_id(text)
        if found is None:
            raise forms.ValidationError(gettext("There is no such lead. Type its number, as L-1005."))
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse a time that ends before it begins."""
        found: dict[str, Any] = self.cleaned_data
        if found.get("since") and found.get("until") and found["since"] > found["until"]:
            self.add_error("until", gettext("The last day lies before the first."))
        return found

    def wanted(self, today: date, zone: str) -> Wanted | None:
        """Return what to ask; None for a form with faults, which is answered by nothing rather than everything."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        person_id, first, last = data["whose"], data["since"], data["until"]
        if person_id is None and first is None:
            first = (last or today) - timedelta(days=USUAL_DAYS - 1)
        asked = Asked(
            things=things_of(person_id) if person_id else None,
            actor_id=UUID(data["actor"]) if data["actor"] else None,
            party_id=UUID(data["party"]) if data["party"] else None,
            since=bounds_of(first, zone)[0] if first else None,
            until=bounds_of(last, zone)[1] if last else None,
            kind=Kind(data["kind"]) if data["kind"] else None,
        )
        return Wanted(asked, Question(data["ask"]) if data["ask"] else None, person_id, last or today)


def _person_of_id(text: str) -> UUID | None:
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    owner = Lead.rows().filter(id=wanted).values_list("person_id", flat=True).first()
    return owner or Person.rows().filter(id=wanted).values_list("id", flat=True).first()
