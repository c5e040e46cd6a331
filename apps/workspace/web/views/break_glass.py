"""Open a restricted lead for an hour, with a reason that is kept (row PH-16)."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.ownership.queries import lead_for
from apps.privacy.topics import break_glass
from apps.tenancy.errors import Invalid
from leadcrm.http.scoping import ActorRequest


class BreakGlass(forms.Form):
    """Why somebody who is not trained for it reads a lead."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("Why do you open it?"),
        widget=forms.RadioSelect,
        choices=[
            ("emergency", _("Somebody may be in danger")),
            ("cover", _("Nobody of the trained team is there")),
            ("complaint", _("A complaint or a request of the person")),
            ("audit", _("A review of compliance")),
        ],
        error_messages={"required": _("Choose why you open it.")},
    )
    note = forms.CharField(
        label=_("In some words"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say in some words why you open it.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def glass(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show the form; a post opens the lead for the one who asks, tells compliance, and goes back to it."""
    found = lead_for(request.actor, lead_id)
    form = BreakGlass(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _broken(request, found.id, form):
        return HttpResponseRedirect(reverse("workspace:lead", args=[found.id]), status=303)
    context = {"lead": {"id": found.id, "ref": found.ref}, "form": form}
    return render(request, "workspace/break_glass.html", context, status=422 if form.errors else 200)


def _broken(request: ActorRequest, lead_id: UUID, form: BreakGlass) -> bool:
    values: dict[str, Any] = form.cleaned_data
    try:
        break_glass(
            actor=request.actor, subject_id=lead_id, reason=values["reason"], note=values["note"], now=request.now
        )
    except Invalid as error:
        for problem in error.problems:
            form.add_error(problem.pointer.removeprefix("/"), problem.detail)
        return False
    return True
