"""Rights of the person on pages: what they asked for, until when, what was decided, the package (row PH-11)."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.compliance import rights
from apps.compliance.models import RightsRequest
from apps.compliance.record_page import as_page
from apps.compliance.rights_terms import WITH_PACKAGE, Ask, AskState
from apps.compliance.web.files import as_zip
from apps.compliance.web.frame import Section
from apps.tenancy.errors import Conflict, Invalid, NotFound
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest

SHOWN = 200
ASKS = {
    Ask.COPY: gettext_lazy("a copy of everything on record"),
    Ask.AMENDMENT: gettext_lazy("an amendment"),
    Ask.ACCOUNTING: gettext_lazy("an accounting of disclosures"),
    Ask.ERASURE: gettext_lazy("an erasure"),
}


class NewRequest(forms.Form):
    """Who asks for what, since when."""

    lead = forms.CharField(label=gettext_lazy("A lead of the person"), max_length=20, help_text="L-1042")
    ask = forms.ChoiceField(
        label=gettext_lazy("What they ask for"),
        choices=[(each.value, words) for each, words in ASKS.items()],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("In their words"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("What an amendment should say. It is sealed."),
    )
    received_on = forms.DateField(
        label=gettext_lazy("Received on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


@require_safe
def requests(request: ActorRequest) -> HttpResponse:
    """List the requests: the open ones by the day they are due, then those that were decided."""
    today = _today(request)
    rows = RightsRequest.rows().select_related("lead")
    waiting = [
        {"row": each, "ask": ASKS[Ask(each.ask)], "left": (each.due_on - today).days}
        for each in rows.filter(state=AskState.OPEN)[:SHOWN]
    ]
    decided = [
        {"row": each, "ask": ASKS[Ask(each.ask)]}
        for each in rows.exclude(state=AskState.OPEN).order_by("-decided_at")[:SHOWN]
    ]
    return render(request, "compliance/rights/requests.html", {"waiting": waiting, "decided": decided})


@require_http_methods(["GET", "HEAD", "POST"])
def new_request(request: ActorRequest) -> HttpResponse:
    """Ask who asks for what, and keep it."""
    form = NewRequest(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = rights.open_request(
                actor=request.actor,
                lead_number=data["lead"],
                ask=Ask(data["ask"]),
                words=data["words"],
                received_on=data["received_on"],
                now=request.now,
            )
        except Invalid as error:
            for problem in error.problems:
                form.add_error(problem.pointer.removeprefix("/"), problem.detail)
        else:
            return _see(row)
    return render(request, "compliance/rights/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def request_page(request: ActorRequest, number: int) -> HttpResponse:
    """Show where a request stands and what is to be done next."""
    row, today = rights.request_of(number), _today(request)
    ledger.record_read(actor=request.actor, what="person", object_ids=[row.person_id], fields=["rights_request"])
    is_open = row.state == AskState.OPEN
    context = {
        "row": row,
        "ask": ASKS[Ask(row.ask)],
        "left": (row.due_on - today).days,
        "is_open": is_open,
        "has_package": row.state == AskState.APPROVED and row.ask in WITH_PACKAGE,
        "may_put_off": is_open and not row.put_off_because,
    }
    return render(request, "compliance/rights/request.html", context)


@require_POST
def act(request: ActorRequest, number: int, step: str) -> HttpResponse:
    """Note the identity, put off, approve or decline."""
    row, said = rights.request_of(number), request.POST.get("said", "")
    steps: dict[str, Callable[[], None]] = {
        "identity": lambda: rights.prove_identity(actor=request.actor, row=row, proof=said, now=request.now),
        "put-off": lambda: rights.put_off(actor=request.actor, row=row, because=said),
        "approve": lambda: _decide(request, row, grants=True, because=said),
        "decline": lambda: _decide(request, row, grants=False, because=said),
    }
    if step not in steps:
        raise NotFound
    try:
        with transaction.atomic():
            steps[step]()
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Saved."))
    return _see(row)


def _decide(request: ActorRequest, row: RightsRequest, *, grants: bool, because: str) -> None:
    rights.decide(actor=request.actor, row=row, grants=grants, because=because, now=request.now)


@require_POST
def release(request: ActorRequest, number: int) -> HttpResponse:
    """Return the package, with its signed manifest."""
    row = rights.request_of(number)
    return as_zip(rights.release(actor=request.actor, row=row, now=request.now), f"{row.ref}.zip")


@require_safe
def record(request: ActorRequest, number: int) -> HttpResponse:
    """Show the record as the person gets it, to print."""
    row = rights.request_of(number)
    return HttpResponse(as_page(rights.record_for(actor=request.actor, row=row, now=request.now), row.ref))


def _see(row: RightsRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("compliance:rights_request", args=[row.number]), status=303)


def _today(request: ActorRequest) -> date:
    return request.now.astimezone(ZoneInfo(current_organization().zone)).date()


MORE: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("new/", "rights_new", new_request),
    ("<int:number>/", "rights_request", request_page),
    ("<int:number>/release/", "rights_release", release),
    ("<int:number>/record/", "rights_record", record),
    ("<int:number>/<slug:step>/", "rights_act", act),
)
RIGHTS = Section(
    key="rights",
    title=gettext_noop("Rights of persons"),
    sentence=gettext_noop(
        "Copies, amendments, accountings of disclosures and erasures that persons asked for, by day."
    ),
    icon="person",
    view=requests,
    permission=Permission.RIGHTS_HANDLE,
    more=MORE,
)
