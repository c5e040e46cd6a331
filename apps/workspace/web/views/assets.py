"""Forms and calling lists: whose they are, what came through them, and who else sees that (row TA-12)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.asset_models import CaptureAsset
from apps.accounts.assets import require_asset_view
from apps.accounts.models import Team
from apps.accounts.queries import teams_by_id
from apps.partners.wording import result_word
from apps.tenancy.errors import Invalid, Refused
from apps.workspace import assets_page
from apps.workspace.asset_requests_page import requests_for, requests_of
from apps.workspace.web.access_form import Access
from apps.workspace.web.views.asset_requests import lines, refused
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest

MOST_SHOWN = 50


@require_safe
def assets(request: ActorRequest) -> HttpResponse:
    """List the forms and calling lists of one's teams, and those shared with them."""
    rows, wall = assets_page.assets_of(request.actor), wall_of(request)
    waiting, asked = ([lines(each, wall) for each in part] for part in requests_for(request.actor))
    return render(request, "workspace/assets/list.html", {"rows": rows, "waiting": waiting, "asked": asked})


@require_safe
def asset(request: ActorRequest, kind: str, asset_id: UUID) -> HttpResponse:
    """Show what came through a form or list, newest first, and who has access; who has none may ask for it."""
    row = assets_page.known_asset(request.actor, kind, asset_id)
    try:
        require_asset_view(request.actor, row)
    except Refused as error:
        return refused(request, row, error)
    return _page(request, row)


@require_POST
def access(request: ActorRequest, kind: str, asset_id: UUID) -> HttpResponse:
    """Say whose it is and who else looks at it."""
    row = assets_page.asset_for(request.actor, kind, asset_id)
    form = Access(request.POST, offered=_working())
    if not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        row = assets_page.give_access(
            actor=request.actor,
            kind=kind,
            asset_id=asset_id,
            owner_key=form.cleaned_data["owner"],
            team_keys=form.cleaned_data["teams"],
        )
    except Invalid as error:
        for problem in error.problems:
            form.add_error(problem.pointer.removeprefix("/"), problem.detail)
        return _page(request, row, form, status=422)
    messages.success(request, _("Saved. Who has access sees what came through it from now on."))
    return HttpResponseRedirect(reverse("workspace:assets"), status=303)


def _page(request: ActorRequest, row: CaptureAsset, form: Access | None = None, status: int = 200) -> HttpResponse:
    actor, wall = request.actor, wall_of(request)
    found = list(assets_page.submissions_of(row).order_by("-received_at", "-id")[: MOST_SHOWN + 1])
    shown = assets_page.asset_row(actor, row)
    if form is None and shown.may_share:
        teams = teams_by_id()
        initial: dict[str, Any] = {"teams": [teams[each].key for each in row.shared_team_ids if each in teams]}
        initial["owner"] = teams[row.owning_team_id].key if row.owning_team_id in teams else ""
        form = Access(initial=initial, offered=_working())
    context = {
        "asset": shown,
        "rows": [
            {"came": each, "at": wall.at(each.received_at), "became": result_word(each.result)}
            for each in assets_page.came_through(actor, found[:MOST_SHOWN])
        ],
        "more": len(found) > MOST_SHOWN,
        "form": form,
        "requests": [lines(each, wall) for each in requests_of(actor, row) if each.may_answer],
        "change_url": _change_url(shown),
    }
    return render(request, "workspace/assets/asset.html", context, status=status)


def _working() -> list[Team]:
    return sorted((each for each in teams_by_id().values() if each.is_active), key=lambda each: each.name)


def _change_url(row: assets_page.AssetRow) -> str:
    if not row.may_change:
        return ""
    return reverse("admin:capture_form_change" if row.kind == "form" else "imports:run", args=[row.id])
