"""A partner's person submits a lead; the page of the delivery says what became of it (row CP-17)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError as ShapeError

from apps.capture.document_field import GONE, lay_out, put_away
from apps.capture.document_shelf import clear, files_on, member_sender
from apps.catalog.queries import services_today
from apps.partners import delivery_log
from apps.partners.actions import submit_lead
from apps.partners.terms import Mode
from apps.partners.web.desk import Desk, desk_of
from apps.partners.web.submit_form import SubmitForm
from apps.tenancy.errors import Conflict, Invalid, LeadcrmError, Problem, Refused
from apps.tenancy.ids import new_id
from leadcrm.http.errors import shown
from leadcrm.http.scoping import ActorRequest, for_agencies, keeping_writes


@for_agencies
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: ActorRequest) -> HttpResponse:
    """Show the form; a POST takes the lead in and leads to the page of its outcome."""
    desk = desk_of(request)
    if not desk.may_submit:
        raise Refused(_("Only a partner's own people submit leads here."), action="delivery.post")
    named: dict[str, Any] = {
        "sources": delivery_log.sources_of(desk.party.id),
        "services": [(row.key, row.name) for row in services_today().values()],
    }
    if request.method != "POST":
        initial = {"once": new_id().hex, "referral_organization": desk.party.name}
        return _page(request, desk, SubmitForm(**named, initial=initial))
    form = SubmitForm(request.POST, request.FILES, **named)
    shelf = f"portal:{request.actor.membership_id}:{request.POST.get('once', '')}"
    lay_out(form, shelf, request.POST.getlist(GONE))
    is_good = form.is_valid()
    if not (put_away(form, shelf, request.now, sender=member_sender(request.actor.membership_id)) and is_good):
        return keeping_writes(_page(request, desk, form, status=422))
    try:
        with transaction.atomic():
            receipt = submit_lead(
                actor=request.actor,
                payload=form.payload(),
                documents=files_on(shelf),
                key=f"submit:{form.cleaned_data['once']}",
                now=request.now,
            )
    except (ShapeError, Invalid, Conflict) as error:
        return keeping_writes(_page(request, desk, form, problems=_problems(error), status=422))
    except IntegrityError:
        taken = Problem("/external_id", "external_id_taken", _("Another sender has used this id for this source."))
        return keeping_writes(_page(request, desk, form, problems=(taken,), status=422))
    clear(shelf)
    return HttpResponseRedirect(desk.url("delivery", receipt.submission_id, mode=Mode.LIVE), status=303)


def _problems(error: ShapeError | LeadcrmError) -> tuple[Problem, ...]:
    what = shown(error)
    if what is None:
        return ()
    return what.problems or (Problem("", what.code, what.detail),)


def _page(
    request: ActorRequest, desk: Desk, form: SubmitForm, *, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    for each in problems:
        name = each.pointer.rpartition("/")[2]
        form.add_error(name if name in form.fields else None, each.detail)
    context: dict[str, Any] = {**desk.shown(), "is_test": False, "form": form, "has_source": bool(form.sources)}
    return render(request, "partner/submit.html", context, status=status)
