"""What a report is asked for. It stands in the address, so it holds days and keys and never a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.reporting.goals import Maturity
from apps.reporting.queries import Period, Wanted
from apps.reporting.terms import Segment

USUAL_DAYS, MOST_DAYS = 30, 366
SEGMENT_LABELS = {
    Segment.SOURCE: _("Source"),
    Segment.SERVICE: _("Service"),
    Segment.LOCATION: _("Location"),
    Segment.OWNER: _("Owning team"),
    Segment.CAMPAIGN: _("Campaign"),
}
MATURITY_LABELS = {Maturity.EARLY: _("Early"), Maturity.LATE: _("Late")}
Choices = dict[Segment, list[tuple[str, str]]]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class ReportFilter(forms.Form):
    """Period, breakdown and segments; what is left empty takes the last thirty days and everything."""

    since = _day(_("From"))
    until = _day(_("To"))
    by = forms.ChoiceField(label=_("Break down by"), required=False, choices=list(SEGMENT_LABELS.items()))
    goal = forms.ChoiceField(label=_("Goal"), required=False)
    quality = forms.ChoiceField(label=_("Quality seen"), required=False, choices=list(MATURITY_LABELS.items()))

    def __init__(
        self, query: QueryDict, *, choices: Choices, today: date, goals: Sequence[tuple[str, str]] = ()
    ) -> None:
        usual = {
            "since": today - timedelta(days=USUAL_DAYS - 1),
            "until": today,
            "by": Segment.SOURCE,
            "quality": Maturity.EARLY,
        }
        super().__init__({**{name: str(value) for name, value in usual.items()}, **_given(query)})
        self.today = today
        self.fields["goal"].choices = [("", _("Any")), *goals]  # type: ignore[attr-defined]
        for segment, values in choices.items():
            label = SEGMENT_LABELS[segment]
            self.fields[segment.value] = forms.ChoiceField(
                label=label, required=False, choices=[("", _("Any")), *values]
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, and one so long that nobody reads it."""
        found: dict[str, Any] = self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day lies before the first."))
        elif since and until and (until - since).days >= MOST_DAYS:
            self.add_error("until", _("A period may have 366 days at most."))
        return found

    def wanted(self, zone: str) -> Wanted:
        """Return what to count; of a form with faults, the usual days of everything."""
        data = self.cleaned_data if self.is_valid() else {}
        last = data.get("until") or self.today
        first = data.get("since") or last - timedelta(days=USUAL_DAYS - 1)
        chosen = {segment: data[segment.value] for segment in Segment if data.get(segment.value)}
        return Wanted(Period(first, last, zone), chosen, data.get("goal") or "")

    @property
    def segment(self) -> Segment:
        """By what the funnel is broken down."""
        named = self.cleaned_data.get("by") if self.is_valid() else ""
        return Segment(named or Segment.SOURCE)

    @property
    def maturity(self) -> Maturity:
        """Whether quality is seen early or late."""
        said = self.cleaned_data.get("quality") if self.is_valid() else ""
        return Maturity(said or Maturity.EARLY)


def _given(query: QueryDict) -> dict[str, str]:
    return {name: value for name, value in query.items() if isinstance(value, str) and value}


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual period as a link; the segments stay as they are."""

    label: str
    query: str
    is_current: bool


def presets(query: QueryDict, today: date, period: Period) -> list[Preset]:
    """Return the usual periods."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    spans = [
        (gettext("Today"), today, today),
        (gettext("7 days"), today - timedelta(days=6), today),
        (gettext("30 days"), today - timedelta(days=USUAL_DAYS - 1), today),
        (gettext("90 days"), today - timedelta(days=89), today),
        (gettext("This month"), month, today),
        (gettext("Last month"), before.replace(day=1), before),
    ]
    found = []
    for label, first, last in spans:
        asked = query.copy()
        asked["since"], asked["until"] = str(first), str(last)
        found.append(Preset(label, asked.urlencode(), (first, last) == (period.first, period.last)))
    return found
