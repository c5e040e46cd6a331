"""Saved views of the queue by page: keep the one at hand, rename, delete, and the one a team starts with."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import Team
from apps.catalog.terms import FieldUse
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid
from apps.workspace import queries, queue_page, saved_views
from apps.workspace.queries import LeadFilter
from apps.workspace.web.places import queue_address
from apps.workspace.web.view_form import SaveView
from leadcrm.http.scoping import ActorRequest


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Keep the view that the address describes, under a name; its words are keys, never what somebody typed."""
    choices = queries.filter_choices(request.actor, request.now)
    wanted = queue_page.understood(request.GET.dict(), choices)
    typed = request.POST if request.method == "POST" else None
    form = SaveView(typed, whom=_whom(request.actor), leads=bool(request.actor.led_team_ids))
    if request.method == "POST" and form.is_valid() and _saved(request, form, wanted):
        messages.success(request, _("View saved."))
        return HttpResponseRedirect(queue_address(wanted), status=303)
    context = {
        "form": form,
        "back_url": queue_address(wanted),
        "view_label": _(queue_page.VIEWS[wanted.view]),
        "sort_label": _(queue_page.SORTS[wanted.sort]),
        "sentence": queue_page.sentence_of(wanted, choices),
    }
    return render(request, "workspace/view_new.html", context, status=422 if form.errors else 200)


@require_safe
def listed(request: ActorRequest) -> HttpResponse:
    """Show the views that the person may use, with what they may do to each."""
    return _list(request)


@require_POST
def change(request: ActorRequest, view_id: UUID) -> HttpResponse:
    """Rename a view, delete it, or make it the one that the team starts with."""
    act, actor = request.POST.get("act", ""), request.actor
    try:
        if act == "delete":
            saved_views.delete_view(actor=actor, view_id=view_id)
        elif act in ("default", "no_default"):
            saved_views.make_default(actor=actor, view_id=view_id, is_default=act == "default")
        else:
            saved_views.rename_view(actor=actor, view_id=view_id, name=request.POST.get("name", ""))
    except Invalid as error:
        return _list(request, wrong=view_id, problem=error.detail)
    messages.success(request, _("Deleted.") if act == "delete" else _("Saved."))
    return HttpResponseRedirect(reverse("workspace:views"), status=303)


def _list(request: ActorRequest, *, wrong: UUID | None = None, problem: str = "") -> HttpResponse:
    actor = request.actor
    views = [
        {
            "id": each.id,
            "name": each.name,
            "team": each.team.name if each.team else "",
            "url": queue_address(LeadFilter(**each.words)),
            "is_default": each.is_default,
            "may_manage": saved_views.may_manage(actor, each),
            "may_lead": each.team_id in actor.led_team_ids,
            "closed": saved_views.why_closed(each),
            "problem": problem if each.id == wrong else "",
        }
        for each in saved_views.views_for(actor)
    ]
    return render(request, "workspace/views.html", {"views": views}, status=422 if problem else 200)


def _whom(actor: Actor) -> list[tuple[str, str]]:
    teams = Team.rows().filter(id__in=actor.team_ids, is_active=True).order_by("name")
    return [("", _("Only me")), *((str(team.id), team.name) for team in teams)]


def _saved(request: ActorRequest, form: SaveView, wanted: LeadFilter) -> bool:
    values: dict[str, Any] = form.cleaned_data
    try:
        saved_views.save_view(
            actor=request.actor,
            name=values["name"],
            wanted=wanted,
            now=request.now,
            team_id=UUID(values["team"]) if values["team"] else None,
            is_default=bool(values.get("is_default")),
            purpose=FieldUse(values["purpose"] or FieldUse.CARE),
        )
    except (Invalid, Conflict) as error:
        form.add_error("name" if isinstance(error, Invalid) else None, error.detail)
        return False
    return True
