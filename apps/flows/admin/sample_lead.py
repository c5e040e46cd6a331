"""Try a sample lead: facts in, the whole way out, under the version that rules and under a draft beside it.

Nothing is saved and nobody's turn is taken: the page reads, whatever the form is sent with.
"""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.models import Party
from apps.accounts.terms import Permission
from apps.catalog.queries import campaigns_by_key, locations_by_key, queues_by_key, services_by_key, sources_by_key
from apps.flows.admin.sample_rows import read_rows
from apps.flows.impact.picking import MOST_PICKED, Picked, judge_picked, read_refs, unknown_refs
from apps.flows.sampling import Sample, Trace, trace
from apps.policies.models import RuleSetVersion
from apps.policies.queries import history, version_in_force
from apps.routing.terms import RoutingVerdict
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

CHANNELS = ("web_form", "call", "chat", "email", "event", "referral", "import", "manual", "api")
TIMEFRAMES = ("asap", "within_24h", "within_week", "within_month", "later")
CLASSES = ("patient", "referral", "partnership", "business", "recruitment")
Options = list[tuple[str, str]]
_MANY_HELP = (
    "One lead on each line, as service=imaging; postal_code=60614. Or a CSV table with these names as its head, or a "
    "JSON list of objects. What a line leaves out comes from above."
)
_LEADS_HELP = "Past leads by their references, as L-12 L-15: with the facts and the hours of their time."


class SampleForm(forms.Form):
    """The facts of a sample lead; empty means that the person did not say."""

    source = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    channel = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    lead_class = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    service = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    location = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, label="Requested location")
    postal_code = forms.CharField(required=False, max_length=12, widget=UnfoldAdminTextInputWidget, label="ZIP")
    patient_type = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    timeframe = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    campaign = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    landing_page = forms.CharField(required=False, max_length=200, widget=UnfoldAdminTextInputWidget)
    payer = forms.CharField(required=False, max_length=200, widget=UnfoldAdminTextInputWidget)
    party = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, label="Agency")
    preferred_channel = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    at = forms.DateTimeField(widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}), label="Day and time")
    message = forms.CharField(
        required=False, max_length=500, widget=UnfoldAdminTextInputWidget, label="Words of the message (made up)"
    )
    draft = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, label="Compare with")
    consents = forms.MultipleChoiceField(
        required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget, label="Consent to"
    )
    many = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}), label="Many at once", help_text=_MANY_HELP
    )
    leads = forms.CharField(
        required=False, max_length=600, widget=UnfoldAdminTextInputWidget, label="Past leads", help_text=_LEADS_HELP
    )

    def __init__(self, *args: Any, versions: list[RuleSetVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in _options(versions).items():
            self.fields[name].choices = options  # type: ignore[attr-defined]

    def clean_many(self) -> list[dict[str, str]]:
        """Read the rows; a part that is no fact of a sample is named."""
        return read_rows(self.cleaned_data["many"])

    def clean_leads(self) -> list[int]:
        """Read the references of past leads; one that nobody has is named."""
        numbers, wrong = read_refs(self.cleaned_data["leads"])
        if wrong:
            raise forms.ValidationError(f"“{wrong}” is no reference of a lead, such as L-12.")
        if len(numbers) > MOST_PICKED:
            raise forms.ValidationError(f"At most {MOST_PICKED} leads at once.")
        if unknown := unknown_refs(numbers):
            raise forms.ValidationError(f"There is no lead L-{unknown[0]} that was routed.")
        return numbers


def sample_lead(request: ActorRequest) -> HttpResponse:
    """Show the form, and below it the way of the sample under each version."""
    live = version_in_force("routing", request.now)
    versions = [each for each in history("routing") if live is None or each.pk != live.pk]
    usual = {
        "source": next(iter(sources_by_key()), ""),
        "preferred_channel": "call",
        "consents": ["call", "text", "email"],
        "at": f"{timezone.localtime(request.now):%Y-%m-%dT%H:%M}",
        "draft": request.GET.get("version", ""),
    }
    form = SampleForm(request.POST if request.method == "POST" else None, initial=usual, versions=versions)
    context: dict[str, Any] = {**site.each_context(request), "title": "Try a sample lead", "form": form}
    if form.is_valid():
        data = dict(form.cleaned_data)
        lines, numbers, chosen = data.pop("many"), data.pop("leads"), data.pop("draft")
        other = next((each for each in versions if str(each.pk) == chosen), None)
        sample = Sample(**{**data, "consents": tuple(data["consents"])})
        context |= {
            "sides": [_side("Live", trace(sample, live))]
            + ([_side("Compared", trace(sample, other))] if other else []),
            "lines": [_line(replace(sample, **facts), facts, live, other) for facts in lines],
            "picked": [_picked(each) for each in judge_picked(numbers, live, other)],
            "has_other": other is not None,
        }
    return TemplateResponse(request, "admin/flows/sample_lead.html", context)


def _side(word: str, found: Trace) -> dict[str, Any]:
    return {
        "word": word,
        "trace": found,
        "due": [(each.kind.replace("_", " ").capitalize(), each.due_at) for each in found.due],
    }


def _line(
    sample: Sample, facts: dict[str, str], live: RuleSetVersion | None, other: RuleSetVersion | None
) -> dict[str, Any]:
    before = trace(sample, live)
    after = trace(sample, other) if other else None
    return {
        "facts": "; ".join(f"{key}={value}" for key, value in facts.items()),
        "before": _told(before.verdict),
        "after": _told(after.verdict) if after else None,
        "changed": after is not None and after.verdict.queue_key != before.verdict.queue_key,
    }


def _picked(found: Picked) -> dict[str, Any]:
    return {
        "lead": found.lead,
        "before": _told(found.before),
        "after": _told(found.after) if found.after else None,
        "changed": found.after is not None and found.after.queue_key != found.before.queue_key,
    }


def _told(verdict: RoutingVerdict) -> dict[str, Any]:
    queue = queues_by_key().get(verdict.queue_key)
    return {"verdict": verdict, "queue": queue.name if queue else verdict.queue_key}


def _options(versions: list[RuleSetVersion]) -> dict[str, Options]:
    none = ("", "not said")
    return {
        "source": [(key, row.name) for key, row in sources_by_key().items()],
        "channel": _spoken(CHANNELS),
        "lead_class": _spoken(CLASSES),
        "service": [none, *((key, row.name) for key, row in services_by_key().items())],
        "location": [none, *((key, row.name) for key, row in locations_by_key().items())],
        "patient_type": [none, *_spoken(("new", "established"))],
        "timeframe": [none, *_spoken(TIMEFRAMES)],
        "campaign": [("", "of the source"), *((key, row.name) for key, row in campaigns_by_key().items())],
        "party": [("", "of the source"), *Party.rows().order_by("name").values_list("key", "name")],
        "preferred_channel": [none, *_spoken(("call", "text", "email"))],
        "draft": [
            ("", "nothing"),
            *((str(each.pk), f"v{each.number} · {each.get_state_display()}") for each in versions),
        ],
        "consents": _spoken(("call", "text", "email")),
    }


def _spoken(keys: tuple[str, ...]) -> Options:
    return [(key, key.replace("_", " ").capitalize()) for key in keys]


site.add_page(
    Page(
        "try/sample-lead/",
        "sample_lead",
        sample_lead,
        permission=Permission.RULES_READ,
        title="Try a sample lead",
        icon="science",
    )
)
