"""Exceptions: one card after the other, decided by number, with what waits beside it (rows EX-08, EX-13)."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from apps.audit import ledger
from apps.exceptions.models import ExceptionItem
from apps.exceptions.terms import Decision, ItemState
from apps.flows import deciding
from apps.tenancy.errors import Conflict, Invalid, NotFound
from apps.workspace import exceptions_page
from apps.workspace.handoff_rows import waiting
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest

READ_FIELDS = ["name", "place", "service", "location"]
#: The part of the address and of the forms that says in which tab the reader works.
CAUSE = "cause"
#: What the names of a criterion's answers begin with.
ANSWER = "answer-"
#: Decisions after which the exception stays open, with what is said of it.
_STAY_OPEN = {
    Decision.ASK: gettext_noop("%(ref)s: the person is asked by a link."),
    Decision.RETRY: gettext_noop("%(ref)s: the other system is told again."),
}


@require_safe
def exceptions(request: ActorRequest) -> HttpResponse:
    """Show what waits, and the card of the one asked for or of the first due."""
    deciding.require_reader(request.actor)
    item = _asked_for(request)
    return _shown(request, item)


@require_POST
def decide(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Keep what was decided about one and go on to the next."""
    item = deciding.item_for(request.actor, item_id)
    field, _sign, value = request.POST.get("fix", "").partition(":")
    if request.POST.get("decision") == Decision.PARK:
        field, value = "", request.POST.get("wanted", "")
    try:
        choice = deciding.Choice(
            Decision(request.POST.get("decision", "")),
            request.POST.get("reason", ""),
            queue=request.POST.get("queue", ""),
            field=field,
            value=value,
            closure=request.POST.get("closure", ""),
            party=request.POST.get("party", ""),
            answers=_answers(request),
        )
    except ValueError:
        return _shown(request, item, problem=_("Choose what is to become of it."))
    try:
        decided = deciding.decide(actor=request.actor, item_id=item_id, choice=choice, now=request.now)
    except Invalid as error:
        return _shown(request, item, problem=error.detail)
    except Conflict as error:
        if choice.decision in _STAY_OPEN and error.code != "decided":
            return _shown(request, item, problem=error.detail)
        messages.error(request, error.detail)
        return _next(request, item)
    if choice.decision in _STAY_OPEN:
        messages.success(request, _(_STAY_OPEN[choice.decision]) % {"ref": item.lead.ref})
        return _next(request, item)
    waits = decided.state == ItemState.WAITING
    said = _("%(ref)s waits for an approval.") if waits else _("%(ref)s is decided.")
    messages.success(request, said % {"ref": item.lead.ref})
    return _next(request, item)


@require_POST
def approval(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Approve what a colleague proposed, or send it back with a reason."""
    item = deciding.item_for(request.actor, item_id)
    try:
        if request.POST.get("answer") == "approve":
            deciding.approve(actor=request.actor, item_id=item_id, now=request.now)
            messages.success(request, _("%(ref)s is approved.") % {"ref": item.lead.ref})
        else:
            reason = request.POST.get("reason", "")
            deciding.refuse(actor=request.actor, item_id=item_id, reason=reason, now=request.now)
            messages.success(request, _("%(ref)s is to be decided anew.") % {"ref": item.lead.ref})
    except Invalid as error:
        return _shown(request, item, problem=error.detail)
    except Conflict as error:
        messages.error(request, error.detail)
    return _next(request, item)


def _answers(request: ActorRequest) -> dict[str, str]:
    """Return what was said of each criterion, by its id."""
    names = [name for name in request.POST if name.startswith(ANSWER)]
    return {name.removeprefix(ANSWER): request.POST.get(name, "") for name in names}


def _asked_for(request: ActorRequest) -> ExceptionItem | None:
    """Return the exception that the address names; one that ended meanwhile gives way to the next."""
    typed = request.GET.get("item", "")
    if not typed:
        return None
    try:
        item = deciding.item_for(request.actor, UUID(typed))
    except ValueError:
        raise NotFound from None
    return None if item.state == ItemState.RESOLVED else item


def _shown(request: ActorRequest, item: ExceptionItem | None, *, problem: str = "") -> HttpResponse:
    wall, cause = wall_of(request), request.POST.get(CAUSE) or request.GET.get(CAUSE, "")
    context = exceptions_page.page_shown(request.actor, wall, cause=cause, item=item)
    here = context.pop("here")
    if here is not None:
        whole = deciding.item_for(request.actor, here.id)
        context["card"] = exceptions_page.card_shown(whole, request.actor, wall, request.POST.dict())
        ledger.record_read(actor=request.actor, what="lead", object_ids=[whole.lead_id], fields=READ_FIELDS)
    context["stuck"] = len(waiting(request.actor, "stuck", request.now))
    return render(request, "workspace/exceptions.html", context | {"problem": problem}, status=422 if problem else 200)


def _next(request: ActorRequest, item: ExceptionItem) -> HttpResponse:
    cause, url = request.POST.get(CAUSE, ""), reverse("workspace:exceptions")
    following = exceptions_page.next_id(request.actor, item, cause)
    words = {name: value for name, value in ((CAUSE, cause), ("item", following)) if value}
    return HttpResponseRedirect(f"{url}?{urlencode(words)}" if words else url, status=303)
