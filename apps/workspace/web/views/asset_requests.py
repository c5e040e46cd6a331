"""Asking for access to another team's form or calling list, and answering (row TA-12)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.accounts.access_requests import word_of
from apps.accounts.asset_models import CaptureAsset
from apps.flows.asset_access import answer_access, ask_access, asking_teams
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.workspace import asset_requests_page, assets_page
from apps.workspace.web.access_form import Ask
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_POST
def ask(request: ActorRequest, kind: str, asset_id: UUID) -> HttpResponse:
    """Ask for access; who has it, or whose team waits for an answer, is told so."""
    actor, row = request.actor, assets_page.known_asset(request.actor, kind, asset_id, lock=True)
    form = Ask(request.POST, offered=asking_teams(actor))
    if form.is_valid():
        wanted = {"team_key": form.cleaned_data.get("team", ""), "reason": form.cleaned_data["reason"]}
        try:
            with transaction.atomic():
                ask_access(actor=actor, row=row, now=request.now, **wanted)
        except Invalid as error:
            for problem in error.problems:
                form.add_error(problem.pointer.removeprefix("/"), problem.detail)
        except Conflict as error:
            messages.error(request, error.detail)
            return _to_list()
        else:
            messages.success(request, _("Asked. You hear of the answer here."))
            return _to_list()
    return page_of(request, row, "", form, status=422)


@require_POST
def answer(request: ActorRequest, kind: str, asset_id: UUID, access_id: UUID) -> HttpResponse:
    """Share it with the team that asked, or decline; what cannot be done is said, and nothing changes."""
    row = assets_page.known_asset(request.actor, kind, asset_id, lock=True)
    accept, because = request.POST.get("answer") == "accept", request.POST.get("because", "")
    try:
        with transaction.atomic():
            answer_access(actor=request.actor, row=row, access_id=access_id, accept=accept, because=because)
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("workspace:asset", args=[kind, asset_id]), status=303)
    messages.success(request, _("Answered."))
    return _to_list()


def refused(request: ActorRequest, row: CaptureAsset, error: Refused) -> HttpResponse:
    """Say whose it is, with the way to ask for access; the attempt is in the ledger."""
    request.refusal = error
    return page_of(request, row, error.detail, Ask(offered=asking_teams(request.actor)), status=403)


def page_of(request: ActorRequest, row: CaptureAsset, detail: str, form: Ask, *, status: int) -> HttpResponse:
    """Show the form that asks, or by when the answer to what was asked comes."""
    asked, wall = asset_requests_page.requests_of(request.actor, row), wall_of(request)
    teams = asking_teams(request.actor)
    waiting = {each.team for each in asked if each.is_open}
    context: dict[str, Any] = {
        "detail": detail,
        "word": word_of(row),
        "kind": assets_page.kind_of(row),
        "asset_id": row.id,
        "asked": [lines(each, wall) for each in asked],
        "form": form if any(each.name not in waiting for each in teams) else None,
        "has_team": bool(teams),
    }
    return render(request, "workspace/assets/ask.html", context, status=status)


def lines(row: asset_requests_page.RequestRow, wall: Any) -> dict[str, Any]:
    """Return a request with its times as a page tells them."""
    is_late = row.is_open and row.due_at < wall.now
    return {"row": row, "asked": wall.at(row.asked_at), "due": wall.at(row.due_at), "is_late": is_late}


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("workspace:assets"), status=303)
