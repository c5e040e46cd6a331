"""Old against new: replays of past leads under a version, asked for here, with their progress and what they found."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.accounts.terms import Permission
from apps.catalog.queries import queues_by_key
from apps.flows.impact import runs
from apps.flows.impact.sentences import unknown_here
from apps.flows.impact.tables import load_of, matrices_of
from apps.flows.impact.terms import REPLAYED, Tally
from apps.flows.models import ReplayChange, ReplayRun
from apps.policies.models import RuleSetVersion
from apps.policies.testing import OPEN
from apps.tenancy.errors import Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.csv_file import csv_text
from leadcrm.http.scoping import ActorRequest

#: So many changed leads are on the page; the file has all.
SHOWN, RUNS_SHOWN = 200, 10
_WORDS = {"queue": "Queue", "day_queue": "By day", "priority": "Priority", "band": "Fit and intent"}
_WORDS |= {"policy": "Service level", "stopped": "Stopped by", "rule_id": "Rule"}
_HEAD = ("lead", "at", *(f"{side} {when}" for side in _WORDS for when in ("old", "new")))


def replays(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """Show the replays of a version; a post asks for one."""
    version = RuleSetVersion.rows().select_related("rule_set").filter(id=object_id).first()
    if version is None or version.rule_set.kind not in REPLAYED:
        raise NotFound
    problem = ""
    if request.method == "POST":
        try:
            run = _started(request, version)
        except Invalid as error:
            problem = str(error)
        else:
            return redirect("admin:replay_run", run.pk)
    rows = ReplayRun.rows().filter(version=version).select_related("made_by__user")[:RUNS_SHOWN]
    context = {
        **site.each_context(request),
        "title": f"Replay of past leads · {version}",
        "version": version,
        "runs": list(rows),
        "problem": problem,
        "days": request.POST.get("days", runs.USUAL_DAYS),
        "last": request.POST.get("last", ""),
        "enough": f"{runs.ENOUGH_DAYS} days or {runs.ENOUGH_LEADS} leads",
        "may_test": _may_test(request),
    }
    return TemplateResponse(request, "admin/flows/replays.html", context, status=422 if problem else 200)


def replay_run(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """Show how far a replay is, or what it found; a post stops one that is under way."""
    run = _run(object_id)
    if request.method == "POST":
        runs.stop(actor=request.actor, run_id=run.pk, now=request.now)
        messages.info(request, "The replay is stopped.")
        return redirect("admin:policies_rulesetversion_replay", run.version_id)
    names = {key: row.name for key, row in queues_by_key().items()}
    tally = Tally(**run.tally)
    is_busy = run.state == "running"
    context = {
        **site.each_context(request),
        "title": f"Replay of {run.asked} · {run.version}",
        "run": run,
        "tally": tally,
        "is_busy": is_busy,
        "percent": 100 * run.done // run.total if run.total else 100,
        "against": _against(run),
        "matrices": [] if is_busy else matrices_of(tally, names),
        "load": [] if is_busy else load_of(tally, names, run.since, run.until),
        "changes": [] if is_busy else [_line(row, names) for row in _changes(run)[:SHOWN]],
        "shown": SHOWN,
        "unknown": unknown_here(tally),
        "may_test": _may_test(request),
        "is_open": run.version.state in OPEN,
    }
    answer = TemplateResponse(request, "admin/flows/replay.html", context)
    if is_busy:
        answer["Refresh"] = "2"
    return answer


def replay_file(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """Give every changed lead of a replay as a file."""
    run = _run(object_id)
    names = {key: row.name for key, row in queues_by_key().items()}
    rows = ([row.lead.ref, row.at.isoformat(), *_cells(row, names)] for row in _changes(run).iterator(chunk_size=2000))
    answer = HttpResponse(csv_text(_HEAD, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="replay-v{run.version.number}.csv"'
    return answer


def _started(request: ActorRequest, version: RuleSetVersion) -> ReplayRun:
    last, days = request.POST.get("last", "").strip(), request.POST.get("days", "").strip()
    number = _whole(last) if last else None
    return runs.start(
        actor=request.actor, version=version, now=request.now, days=_whole(days or str(runs.USUAL_DAYS)), last=number
    )


def _whole(text: str) -> int:
    """Return a whole number; what is none is out of every bound."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _run(run_id: UUID) -> ReplayRun:
    found: ReplayRun | None = (
        ReplayRun.rows().select_related("version__rule_set", "made_by__user").filter(id=run_id).first()
    )
    if found is None:
        raise NotFound
    return found


def _changes(run: ReplayRun) -> "QuerySet[ReplayChange]":
    return ReplayChange.rows().filter(run=run).select_related("lead").order_by("number")


def _against(run: ReplayRun) -> str:
    before = RuleSetVersion.rows().filter(id=run.against.get(run.version.rule_set.kind)).first()
    return f"v{before.number}" if before else "no rules"


def _line(row: ReplayChange, names: dict[str, str]) -> dict[str, Any]:
    cells = _cells(row, names)
    pairs = zip(_WORDS.values(), cells[::2], cells[1::2], strict=True)
    return {"row": row, "sides": [(word, old or "none", new or "none") for word, old, new in pairs if old != new]}


def _cells(row: ReplayChange, names: dict[str, str]) -> list[str]:
    return [
        names.get(side.get(key, ""), side.get(key, "")) if key in ("queue", "day_queue") else str(side.get(key, ""))
        for key in _WORDS
        for side in (row.before, row.after)
    ]


def _may_test(request: ActorRequest) -> bool:
    return request.actor.may(Permission.RULES_WRITE) or request.actor.may(Permission.RULES_APPROVE)


for _page in (
    Page(
        "policies/rulesetversion/<uuid:object_id>/replay/",
        "policies_rulesetversion_replay",
        replays,
        permission=Permission.RULES_READ,
    ),
    Page("try/replay/<uuid:object_id>/", "replay_run", replay_run, permission=Permission.RULES_READ),
    Page("try/replay/<uuid:object_id>/leads.csv", "replay_file", replay_file, permission=Permission.RULES_READ),
):
    site.add_page(_page)
