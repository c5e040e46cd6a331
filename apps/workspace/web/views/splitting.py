"""Split an arrival off the lead it was joined to: asked, shown what will happen, then done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.audit import ledger
from apps.flows import splitting
from apps.flows.splitting import SplitKind, SplitOutcome
from apps.leads.queries import touch_of
from apps.ownership.queries import lead_for
from apps.tenancy.errors import Conflict, Invalid, NotFound
from apps.workspace import split_page
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: ActorRequest, lead_id: UUID, touch_id: UUID) -> HttpResponse:
    """Ask what was wrong with the join and why; show what splitting does; do it when that is confirmed."""
    splitting.told_since(request.actor, lead_id, touch_id)
    if request.method != "POST":
        return _page(request, lead_id, touch_id)
    kind, told = _kind_of(request), _told_of(request)
    if kind is None:
        return _page(request, lead_id, touch_id, problem=_("Choose what is not the same."), status=422)
    act: dict[str, Any] = {"actor": request.actor, "lead_id": lead_id, "touch_id": touch_id, "kind": kind}
    act |= {"told": told, "now": request.now}
    try:
        if request.POST.get("step") != "split":
            return _page(request, lead_id, touch_id, outcome=splitting.preview_split(**act))
        done = splitting.split_off(**act, reason=request.POST.get("reason", ""))
    except Invalid as error:
        return _page(request, lead_id, touch_id, problem=error.detail, status=422)
    except Conflict as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("workspace:lead", args=[lead_id]), status=303)
    text = _("Split off: %(ref)s is a lead of its own, with %(team)s.")
    team = done.lead.owner_team.name if done.lead.owner_team else ""
    messages.success(request, text % {"ref": done.lead.ref, "team": team})
    return HttpResponseRedirect(reverse("workspace:lead", args=[lead_id]), status=303)


def _page(
    request: ActorRequest,
    lead_id: UUID,
    touch_id: UUID,
    *,
    outcome: SplitOutcome | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, wall = request.actor, wall_of(request)
    lead, touch = lead_for(actor, lead_id), touch_of(lead_id, touch_id)
    if touch is None:
        raise NotFound
    ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["name", "contact", "timeline"])
    entries = splitting.told_since(actor, lead_id, touch_id)
    chosen = _kind_of(request) or request.GET.get("kind", "")
    context = split_page.asked(lead, touch, actor, wall) | {
        "kind": str(chosen),
        "reason": request.POST.get("reason", ""),
        "entries": split_page.choices(entries, _told_of(request), actor, wall),
        "outcome": split_page.outcome_shown(outcome, lead, actor, wall) if outcome else [],
        "problem": problem,
    }
    return render(request, "workspace/split.html", context, status=status)


def _kind_of(request: ActorRequest) -> SplitKind | None:
    typed = request.POST.get("kind", "")
    return SplitKind(typed) if typed in set(SplitKind) else None


def _told_of(request: ActorRequest) -> list[UUID]:
    """Return the contacts and notes that were ticked; what is no id is passed over."""
    found = []
    for typed in request.POST.getlist("told"):
        try:
            found.append(UUID(typed))
        except ValueError:
            continue
    return found
