"""A new inquiry, typed in: first who is on file, then what they ask for; and what became of it."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import ValidationError as ShapeError

from apps.audit import ledger
from apps.capture.document_field import GONE, lay_out, put_away
from apps.capture.document_shelf import clear, files_on, member_sender
from apps.catalog.queries import initial_fields_of, locations_by_key, services_today
from apps.catalog.terms import CaptureMethod
from apps.consent.spoken import scripts
from apps.flows.drafting import draft_of, drop_draft, keep_own_draft
from apps.flows.manual_entry import Entry, enter_inquiry, entry_of, require_entry, sources_to_name
from apps.tenancy.errors import Conflict, Invalid, LeadcrmError
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.workspace.entered_page import became
from apps.workspace.on_file import OnFile, people_on_file, understand_point
from apps.workspace.once import LONGEST_KEY
from apps.workspace.web.inquiry_form import FindPerson, InquiryEntry
from apps.workspace.web.wall import wall_of
from leadcrm.http.errors import shown
from leadcrm.http.scoping import ActorRequest, keeping_writes

FORM = "new_inquiry"
POINTERS = {
    "/person/date_of_birth": "date_of_birth",
    "/source": "source",
    "/entry_reason": "reason",
    "/submitted_at": "asked_at",
    "/whose": "whose",
}


@require_http_methods(["GET", "HEAD", "POST"])
def new_inquiry(request: ActorRequest) -> HttpResponse:
    """Show the search, then who was found with the form beside it; a POST of the form takes the inquiry in."""
    require_entry(request.actor)
    with timezone.override(wall_of(request).zone):
        if request.method != "POST":
            return _opened(request)
        return _save(request) if "save" in request.POST else _found(request)


@require_http_methods(["GET", "POST"])
def entry_draft(request: ActorRequest) -> HttpResponse:
    """Keep or discard what is typed. A GET says who is signed in and renews the form's token."""
    require_entry(request.actor)
    if request.method == "GET":
        return JsonResponse({"member": str(request.actor.membership_id), "token": get_token(request)})
    if "discard" in request.POST:
        _forget(request)
        return HttpResponseRedirect(reverse("workspace:new_inquiry"), status=303)
    values = {name: request.POST.getlist(name) for name in InquiryEntry.base_fields if name in request.POST}
    keep_own_draft(actor=request.actor, form=FORM, values=values, now=request.now)
    return HttpResponse(status=204)


@require_safe
def entered(request: ActorRequest, submission_id: UUID) -> HttpResponse:
    """Show what became of a typed inquiry; until it is judged the page asks again."""
    row = entry_of(request.actor, submission_id)
    return render(request, "workspace/entered.html", became(row, request.actor, wall_of(request)))


def _opened(request: ActorRequest) -> HttpResponse:
    """Show the search alone, or a draft where one was kept."""
    member = request.actor.membership_id
    kept = draft_of(request.actor, member, FORM) if member else None
    if kept is None and "blank" not in request.GET:
        return _page(request, find=FindPerson(), form=None, on_file=OnFile())
    values = {name: "".join(found[:1]) for name, found in kept.values.items()} if kept else {}
    on_file = _on_file(request, values.get("phone", ""), values.get("email", ""))
    form = _form(on_file, initial=values)
    label = wall_of(request).at(kept.saved_at) if kept else ""
    return _page(request, find=FindPerson(), form=form, on_file=on_file, draft_label=label)


def _found(request: ActorRequest) -> HttpResponse:
    """Look who is on file, and open the form with the number in it."""
    find = FindPerson(request.POST)
    if not find.is_valid():
        return _page(request, find=find, form=None, on_file=OnFile(), status=422)
    sought = understand_point(find.cleaned_data["q"])
    on_file = _on_file(request, sought.typed)
    if not sought.value:
        find.add_error("q", "This is no number that can be called and no address that gets mail.")
        return _page(request, find=find, form=None, on_file=OnFile(), status=422)
    form = _form(on_file, initial={sought.kind: sought.typed})
    return _page(request, find=find, form=form, on_file=on_file, is_searched=True)


def _save(request: ActorRequest) -> HttpResponse:
    """Take the inquiry in, or show the form again with everything that was typed."""
    on_file = _on_file(request, request.POST.get("phone", ""), request.POST.get("email", ""))
    form = _form(on_file, request.POST, request.FILES)
    key = request.POST.get("idempotency_key", "")[:LONGEST_KEY] or new_id().hex
    shelf = f"entry:{request.actor.membership_id}:{key}"
    lay_out(form, shelf, request.POST.getlist(GONE))
    page: dict[str, Any] = {"find": FindPerson(), "form": form, "on_file": on_file, "is_searched": on_file.is_sought}
    page["idempotency_key"] = key
    is_good = form.is_valid()
    if not (put_away(form, shelf, request.now, sender=member_sender(request.actor.membership_id)) and is_good):
        return keeping_writes(_page(request, status=422, **page))
    data = form.cleaned_data
    entry = Entry(
        source=data["source"],
        reason=data["reason"],
        parts=form.parts(),
        key=key,
        spoken=form.spoken,
        person_id=form.person_id,
        asked_at=data["asked_at"],
        documents=files_on(shelf),
    )
    try:
        with transaction.atomic():
            receipt = enter_inquiry(actor=request.actor, entry=entry, now=request.now)
    except (ShapeError, Invalid, Conflict) as error:
        _show_problems(form, error)
        return keeping_writes(_page(request, status=409 if isinstance(error, Conflict) else 422, **page))
    _forget(request)
    clear(shelf)
    return HttpResponseRedirect(reverse("workspace:entered", args=[receipt.submission_id]), status=303)


def _on_file(request: ActorRequest, *typed: str) -> OnFile:
    """Return who has one of these; that they were shown is a read that the ledger keeps."""
    found = people_on_file(request.actor, [understand_point(each) for each in typed], wall_of(request))
    fields = ["name", "leads", "consent"]
    ledger.record_read(actor=request.actor, what="person", object_ids=found.ids, fields=fields)
    return found


def _form(on_file: OnFile, *args: Any, **more: Any) -> InquiryEntry:
    named = {
        "service": [(row.key, row.name) for row in services_today().values()],
        "location": [(row.key, row.name) for row in locations_by_key().values()],
        "source": sorted(((row.key, row.name) for row in sources_to_name()), key=lambda each: each[1].lower()),
    }
    first = initial_fields_of(CaptureMethod.MANUAL)
    return InquiryEntry(
        *args, choices=named, people=on_file.ids, region=current_organization().region, first=first, **more
    )


def _show_problems(form: InquiryEntry, error: ShapeError | LeadcrmError) -> None:
    what = shown(error)
    problems = what.problems if what else ()
    for problem in problems:
        name = POINTERS.get(problem.pointer) or problem.pointer.rpartition("/")[2]
        form.add_error(name if name in form.fields else None, problem.detail)
    if not problems and what is not None:
        form.add_error(None, what.detail)


def _forget(request: ActorRequest) -> None:
    if request.actor.membership_id is not None:
        drop_draft(actor=request.actor, lead_id=request.actor.membership_id, form=FORM)


def _page(request: ActorRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    form: InquiryEntry | None = context["form"]
    whose = str(form["whose"].value() or "") if form is not None else ""
    context |= {
        "whose": whose,
        "scripts": [(form[f"said_{each}"], script.text) for each, script in scripts().items()] if form else [],
        "idempotency_key": context.get("idempotency_key") or new_id().hex,
        "draft_url": reverse("workspace:entry_draft") if request.actor.membership_id else "",
        "member_id": request.actor.membership_id,
    }
    return render(request, "workspace/new_inquiry.html", context, status=status)
