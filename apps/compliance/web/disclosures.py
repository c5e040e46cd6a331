"""What left the tenant about people: the register of disclosures on a page (rows PH-06, PH-11)."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.compliance.web.frame import Section
from apps.leads.models import Lead
from apps.privacy.disclosures import Disclosure
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest

SHOWN, USUAL_DAYS = 100, 30


class DisclosureFilter(forms.Form):
    """To whom, about which lead, in which days; what is left empty takes the last thirty days and everybody."""

    to = forms.ChoiceField(label=_("To"), required=False)
    lead = forms.CharField(label=_("Lead"), required=False, max_length=20)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, query: Any, *, receivers: list[str]) -> None:
        super().__init__(query)
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [("", _("Everybody")), *((each, each) for each in receivers)]


@require_safe
def register(request: ActorRequest) -> HttpResponse:
    """Show what left: fields, receiver, reason and who or which job sent them; the read of each lead is noted."""
    zone = ZoneInfo(current_organization().zone)
    today = request.now.astimezone(zone).date()
    receivers = list(Disclosure.rows().order_by("recipient").values_list("recipient", flat=True).distinct())
    form = DisclosureFilter(request.GET, receivers=receivers)
    values = form.cleaned_data if form.is_valid() else {}
    since = values.get("since") or today - timedelta(days=USUAL_DAYS - 1)
    until = values.get("until") or today
    rows = Disclosure.rows().filter(at__gte=_start(since, zone), at__lt=_start(until + timedelta(days=1), zone))
    if values.get("to"):
        rows = rows.filter(recipient=values["to"])
    if number := values.get("lead", "").strip().upper().removeprefix("L-"):
        wanted = Lead.rows().filter(number=int(number)) if number.isascii() and number.isdigit() else Lead.rows().none()
        rows = rows.filter(lead_id__in=list(wanted.values_list("id", flat=True)))
    found = list(rows.order_by("-at", "-id")[: SHOWN + 1])
    shown = found[:SHOWN]
    refs = {each.id: each.ref for each in Lead.rows().filter(id__in={each.lead_id for each in shown})}
    ledger.record_read(actor=request.actor, what="lead", object_ids=sorted(refs), fields=["disclosures"])
    context = {
        "form": form,
        "lines": [
            {"row": each, "at": f"{each.at.astimezone(zone):%-d %b %Y, %H:%M}", "ref": refs.get(each.lead_id, "")}
            for each in shown
        ],
        "is_cut": len(found) > SHOWN,
        "since": since,
        "until": until,
    }
    return render(request, "compliance/disclosures.html", context, status=200 if form.is_valid() else 422)


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


DISCLOSURES = Section(
    key="disclosures",
    title=gettext_noop("Disclosures"),
    sentence=gettext_noop("What left about people: which fields, to whom, why, and who or which job sent them."),
    icon="transfer",
    view=register,
)
