"""Pairs that may be one person: the queue, one pair side by side with its decision, and a merge taken back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.audit import ledger
from apps.flows import merging, reviewing
from apps.identity.models import DuplicatePair
from apps.identity.queries import merge_of, pair_after
from apps.tenancy.errors import Conflict, Invalid, NotFound
from apps.workspace import duplicates_page, person_page
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest

READ_FIELDS = ["name", "contact", "date_of_birth", "place", "consent", "leads"]
SAID = {
    reviewing.PairVerdict.MERGED: "Merged. It can be taken back from the person's page.",
    reviewing.PairVerdict.LINKED: "Linked. Both stay as they are.",
    reviewing.PairVerdict.SEPARATE: "Kept apart. This pair is not offered again.",
}


@require_safe
def duplicates(request: ActorRequest) -> HttpResponse:
    """List the pairs to decide, likeliest first."""
    reviewing.require_reader(request.actor)
    shown = duplicates_page.queue_shown(request.actor, wall_of(request))
    ledger.record_read(actor=request.actor, what="person", object_ids=shown.pop("person_ids"), fields=["name"])
    return render(request, "workspace/duplicates.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: ActorRequest, pair_id: UUID) -> HttpResponse:
    """Show two people side by side, or keep what was decided about them and go on to the next pair."""
    pair = reviewing.pair_for(request.actor, pair_id)
    if request.method != "POST":
        return _compared(request, pair)
    decision = request.POST.get("decision", "")
    if decision == "skip":
        return _next(request, pair)
    if decision == "open":
        return _reopened(request, pair)
    try:
        verdict = reviewing.PairVerdict(decision)
    except ValueError:
        return _compared(request, pair, problem=_("Choose what is to become of the two."), status=422)
    try:
        reviewing.decide_pair(
            actor=request.actor,
            pair_id=pair_id,
            verdict=verdict,
            survivor_id=pair.first_id,
            picked=duplicates_page.picked_of(pair, request.POST),
            reason=request.POST.get("reason", ""),
            now=request.now,
        )
    except Invalid as error:
        return _compared(request, pair, problem=error.detail, status=422)
    except Conflict as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("workspace:duplicate", args=[pair_id]), status=303)
    messages.success(request, _(SAID[verdict]))
    return _next(request, pair)


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: ActorRequest, person_id: UUID, merge_id: UUID) -> HttpResponse:
    """Show what taking a merge back would do, and do it when that is confirmed."""
    _leads, visible = person_page.open_to(request.actor, person_id)
    row = merge_of(person_id, merge_id) if visible else None
    if row is None:
        raise NotFound
    if request.method == "POST":
        try:
            merging.unmerge_people(
                actor=request.actor, person_id=person_id, merge_id=merge_id, now=request.now, answers=_whose(request)
            )
        except Conflict as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(reverse("workspace:merge", args=[person_id, merge_id]), status=303)
        messages.success(request, _("Taken back. They are two again, and the pair is to be decided anew."))
        return HttpResponseRedirect(reverse("workspace:person", args=[person_id]), status=303)
    ledger.record_read(actor=request.actor, what="person", object_ids=[person_id], fields=["name", "contact"])
    shown = duplicates_page.merge_shown(row, request.actor, wall_of(request))
    return render(
        request, "workspace/duplicates_unmerge.html", shown | {"may_decide": merging.may_decide(request.actor)}
    )


def _whose(request: ActorRequest) -> dict[str, str]:
    """Return to whom each thing that came since the merge was said to belong."""
    prefix = "whose:"
    return {name.removeprefix(prefix): str(side) for name, side in request.POST.items() if name.startswith(prefix)}


def _reopened(request: ActorRequest, pair: DuplicatePair) -> HttpResponse:
    """Let a decided pair be decided anew, with a reason."""
    try:
        reviewing.reopen_pair(
            actor=request.actor, pair_id=pair.id, reason=request.POST.get("reason", ""), now=request.now
        )
    except Invalid as error:
        return _compared(request, pair, problem=error.detail, status=422)
    except Conflict as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(reverse("workspace:duplicate", args=[pair.id]), status=303)


def _compared(request: ActorRequest, pair: DuplicatePair, *, problem: str = "", status: int = 200) -> HttpResponse:
    people = [pair.first_id, pair.second_id]
    ledger.record_read(actor=request.actor, what="person", object_ids=people, fields=READ_FIELDS)
    picked = duplicates_page.picked_of(pair, request.POST)
    context = duplicates_page.pair_shown(pair, request.actor, wall_of(request), picked) | {
        "may_decide": merging.may_decide(request.actor),
        "problem": problem,
        "typed": request.POST.get("reason", ""),
        "decision": request.POST.get("decision", ""),
    }
    return render(request, "workspace/duplicates_pair.html", context, status=status)


def _next(request: ActorRequest, pair: DuplicatePair) -> HttpResponse:
    """Go on to the next pair, or to the queue when this was the last."""
    following = pair_after(pair)
    if following is None:
        return HttpResponseRedirect(reverse("workspace:duplicates"), status=303)
    return HttpResponseRedirect(reverse("workspace:duplicate", args=[following.id]), status=303)
