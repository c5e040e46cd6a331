"""The month's reports as files (row AU-08)."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from apps.compliance.monthly import month_package
from apps.compliance.web.files import as_zip
from apps.compliance.web.frame import Section
from apps.tenancy.errors import Invalid
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest

MONTHS_OFFERED = 36


class MonthForm(forms.Form):
    """Which month."""

    month = forms.ChoiceField(label=_("Month"))

    def __init__(self, *args: Any, months: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["month"].choices = months  # type: ignore[attr-defined]


@require_safe
def exports(request: ActorRequest) -> HttpResponse:
    """Offer the months of the last three years."""
    return render(request, "compliance/exports.html", {"form": MonthForm(months=_months(request))})


@require_POST
def month_file(request: ActorRequest) -> HttpResponse:
    """Return a month's three files with their manifest."""
    form = MonthForm(request.POST, months=_months(request))
    if form.is_valid():
        year, month = (int(each) for each in form.cleaned_data["month"].split("-"))
        try:
            content = month_package(actor=request.actor, year=year, month=month, now=request.now)
        except Invalid as error:
            form.add_error(None, error.detail)
        else:
            return as_zip(content, f"compliance-{year}-{month:02d}.zip")
    return render(request, "compliance/exports.html", {"form": form}, status=422)


def _months(request: ActorRequest) -> list[tuple[str, str]]:
    today = request.now.astimezone(ZoneInfo(current_organization().zone)).date()
    counted = (today.year * 12 + today.month - 1 - back for back in range(MONTHS_OFFERED))
    return [
        (f"{each // 12}-{each % 12 + 1:02d}", today.replace(each // 12, each % 12 + 1, 1).strftime("%B %Y"))
        for each in counted
    ]


EXPORTS = Section(
    key="exports",
    title=gettext_noop("Reports of a month"),
    sentence=gettext_noop("Access, consents and qualification notes as three files with a signed manifest."),
    icon="document",
    view=exports,
    more=(("month/", "exports_month", month_file),),
)
