"""Imports by page: bring a file, say what its columns are, see what would come, confirm, watch it come."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.assets import ownable_teams, owner_of, teams_of
from apps.audit import ledger
from apps.catalog.models import Source
from apps.imports import actions, queries, undoing
from apps.imports.models import ImportRun
from apps.imports.terms import ImportKind, RunState
from apps.imports.web.forms import PlanForm, UploadForm, initial_of
from apps.tenancy.errors import Invalid
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest


def _in_own_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show times as the tenant's clocks do."""

    @wraps(view)
    def shown(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(ZoneInfo(current_organization().zone)):
            return view(request, *args, **kwargs)

    return shown


@require_http_methods(["GET", "HEAD", "POST"])
@_in_own_zone
def imports(request: ActorRequest) -> HttpResponse:
    """List the last imports, and begin one."""
    runs = queries.runs(request.actor)
    sources = list(Source.rows().filter(is_active=True).order_by("name"))
    teams = ownable_teams(request.actor)
    if request.method != "POST":
        form = UploadForm(sources=sources, teams=teams, initial={"kind": ImportKind.CALLING_LIST})
        return render(request, "imports/imports.html", {"runs": runs, "form": form, "empty": _empty()})
    form = UploadForm(request.POST, request.FILES, sources=sources, teams=teams)
    if form.is_valid():
        try:
            made = actions.open_run(
                actor=request.actor,
                kind=ImportKind(form.cleaned_data["kind"]),
                file_name=form.file_name,
                raw=form.cleaned_data["file"],
                source=next(each for each in sources if each.key == form.cleaned_data["source"]),
                now=request.now,
                sheet_name=form.cleaned_data["sheet"],
                owner=next((each for each in teams if each.key == form.cleaned_data["owner"]), None),
            )
            return _to(made.id)
        except Invalid as error:
            _explain(form, error)
    return render(request, "imports/imports.html", {"runs": runs, "form": form, "empty": _empty()}, status=422)


@require_safe
@_in_own_zone
def run(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Show where an import stands: its columns, its check, its progress or its outcome."""
    return _page(request, queries.run_for(request.actor, run_id))


@require_POST
@_in_own_zone
def planned(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Have every row checked as the form says."""
    found = queries.run_for(request.actor, run_id)
    form = PlanForm(
        request.POST, header=queries.preview(request.actor, found, request.now)[0], kind=ImportKind(found.kind)
    )
    if form.is_valid():
        try:
            actions.set_plan(actor=request.actor, run_id=run_id, plan=form.plan())
            return _to(run_id)
        except Invalid as error:
            _explain(form, error)
    return _page(request, found, form, status=422)


@require_POST
def confirmed(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Take the good rows in."""
    actions.confirm(
        actor=request.actor, run_id=run_id, takes_duplicates=request.POST.get("duplicates") == "take", now=request.now
    )
    return _to(run_id)


@require_POST
def discarded(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Forget the file."""
    actions.discard(actor=request.actor, run_id=run_id, now=request.now)
    return HttpResponseRedirect(reverse("imports:imports"), status=303)


@require_POST
def undone(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Take the whole import back."""
    undoing.undo(actor=request.actor, run_id=run_id, now=request.now)
    return _to(run_id)


def _page(request: ActorRequest, found: ImportRun, form: PlanForm | None = None, status: int = 200) -> HttpResponse:
    header, rows = queries.preview(request.actor, found, request.now)
    if rows:
        ledger.record_read(actor=request.actor, what="import_run", object_ids=[found.id])
    kind = ImportKind(found.kind)
    if form is None and header:
        form = PlanForm(header=header, kind=kind, initial=initial_of(actions.plan_of(found), header))
    busy = found.state in (RunState.CHECKING, RunState.RUNNING, RunState.UNDOING)
    until = undoing.undo_until(found)
    context: dict[str, Any] = {
        "run": found,
        "owner": owner_of(found),
        "shared": teams_of(found),
        "form": form if not busy else None,
        "preview": rows,
        "busy": busy,
        "undo_until": until if until is not None and request.now <= until else None,
        "percent": round(100 * found.at_row / found.total) if found.total else 100,
        "outcome": queries.outcome(found) if found.state != RunState.OPEN else None,
    }
    return render(request, "imports/run.html", context, status=status)


def _empty() -> dict[str, str]:
    return {"icon": "note", "title": _("No file came yet"), "sentence": ""}


def _explain(form: Any, error: Invalid) -> None:
    for problem in error.problems:
        name = problem.pointer.removeprefix("/")
        form.add_error(name if name in form.fields else None, problem.detail)


def _to(run_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("imports:run", args=[run_id]), status=303)
