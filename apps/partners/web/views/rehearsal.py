"""A test lead: sent through the delivery's own way, judged by the intake, and never among the live ones."""

import json
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError as ShapeError

from apps.partners import delivery_log
from apps.partners.actions import rehearse_delivery
from apps.partners.terms import Mode
from apps.partners.web.desk import Desk, desk_of
from apps.partners.web.forms import RehearsalForm
from apps.tenancy.errors import Invalid, LeadcrmError, Problem, Refused
from apps.tenancy.ids import new_id
from leadcrm.http.errors import shown
from leadcrm.http.scoping import ActorRequest, for_agencies


@for_agencies
@require_http_methods(["GET", "HEAD", "POST"])
def test_lead(request: ActorRequest) -> HttpResponse:
    """Show the form; a POST sends the test lead and leads to the page of its outcome."""
    desk = desk_of(request)
    if not desk.may_rehearse:
        raise Refused(_("Your role sends no test leads. Ask the agency."), action="delivery.rehearse")
    sources = delivery_log.sources_of(desk.party.id)
    if request.method != "POST":
        form = RehearsalForm(sources=sources, initial={"once": new_id().hex, "consent": ["call", "email"]})
        return _page(request, desk, form)
    form = RehearsalForm(request.POST, sources=sources)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    try:
        receipt = rehearse_delivery(
            actor=request.actor,
            party=desk.party,
            payload=form.payload(),
            key=f"page:{form.cleaned_data['once'][:64]}",
            now=request.now,
        )
    except (ShapeError, Invalid) as error:
        return _page(request, desk, form, problems=_problems(error), status=422)
    if receipt.mismatch:
        problems = (Problem("", "sent_already", _("This form was sent before with other words. Load it again.")),)
        return _page(request, desk, form, problems=problems, status=422)
    return HttpResponseRedirect(desk.url("delivery", receipt.submission_id, mode=Mode.TEST), status=303)


def _problems(error: ShapeError | LeadcrmError) -> tuple[Problem, ...]:
    """Return what the API would answer, place by place."""
    what = shown(error)
    if what is None:
        return ()
    return what.problems or (Problem("", what.code, what.detail),)


def _page(
    request: ActorRequest, desk: Desk, form: RehearsalForm, *, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        **desk.shown(),
        "form": form,
        "problems": [{"field": each.pointer.strip("/").replace("/", "."), "detail": each.detail} for each in problems],
        "example": json.dumps(_EXAMPLE, indent=2),
    }
    return render(request, "partner/test.html", context, status=status)


_EXAMPLE = {
    "source": "your-source",
    "person": {"first_name": "Test", "last_name": "Person", "phone": "+13125550142", "city": "Chicago", "region": "IL"},
    "request": {"service": "imaging"},
    "consent": [{"channel": "call", "state": "granted", "text": "I agree.", "text_version": "1"}],
}
