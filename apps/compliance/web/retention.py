"""Retention on pages: the schedule, what is due, runs that two people decide, legal holds (row AU-06)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.compliance import holds, retention
from apps.compliance.due import schedule_now
from apps.compliance.models import LegalHold, RetentionRun
from apps.compliance.retention_terms import HoldScope, ItemState, Left, RunState
from apps.compliance.web.frame import Section
from apps.privacy.retention import CLASS_WORDS, FIELD, DataClass, Due
from apps.tenancy.errors import Conflict, Invalid
from leadcrm.http.scoping import ActorRequest

RUNS_SHOWN = 50
LEFT_WORDS = {
    Left.OPEN: gettext_noop("open: somebody answers for them; close them first"),
    Left.CONVERTED: gettext_noop("converted: a record of care, kept"),
    Left.HELD: gettext_noop("under a legal hold"),
}


class HoldForm(forms.Form):
    """What is held, and why."""

    scope = forms.ChoiceField(
        label=gettext_lazy("What is held"),
        choices=[
            (HoldScope.LEAD.value, gettext_lazy("a lead")),
            (HoldScope.PERSON.value, gettext_lazy("the person of a lead, with all their leads")),
            (HoldScope.CLASS.value, gettext_lazy("a class of data")),
        ],
    )
    subject = forms.CharField(
        label=gettext_lazy("Which one"),
        max_length=20,
        help_text=gettext_lazy(
            "The number of a lead (L-1042), or a class: identity, health, messages, notes, documents, submissions."
        ),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


@require_safe
def overview(request: ActorRequest) -> HttpResponse:
    """Show the schedule, the runs and the holds."""
    return _overview(request, HoldForm())


def _overview(request: ActorRequest, form: HoldForm) -> HttpResponse:
    actor = request.actor
    runs = RetentionRun.rows().select_related("proposed_by__user", "approved_by__user")[:RUNS_SHOWN]
    context = {
        "schedule": [_due_words(each) for each in schedule_now(request.now)],
        "runs": runs,
        "holds": [{"row": each, "what": _held(each)} for each in LegalHold.rows().select_related("lead")[:100]],
        "form": form,
        "may_propose": actor.may(Permission.RETENTION_PROPOSE),
    }
    return render(request, "compliance/retention/overview.html", context, status=422 if form.errors else 200)


@require_safe
def dry_run(request: ActorRequest) -> HttpResponse:
    """Count what is due now; nothing is changed."""
    found, counts = retention.dry_run(request.now)
    ledger.record(actor=request.actor, action="retention.dry_run", object_type="retention_run", object_id=None)
    context = {
        "leads": len(found.parts),
        "counts": counts,
        "left": _left(found.left),
        "schedule": [_due_words(each) for each in found.schedule],
        "may_propose": request.actor.may(Permission.RETENTION_PROPOSE),
    }
    return render(request, "compliance/retention/due.html", context)


@require_POST
def propose(request: ActorRequest) -> HttpResponse:
    """Propose what is due."""
    try:
        run = retention.propose(actor=request.actor, now=request.now)
    except Conflict as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("compliance:retention_due"), status=303)
    return _see(run)


@require_safe
def run_page(request: ActorRequest, number: int) -> HttpResponse:
    """Show a run: what it would erase or erased, who decided, a sample of its leads."""
    run = retention.run_of(number)
    sample = retention.sample_of(run)
    ledger.record_read(
        actor=request.actor, what="lead", object_ids=[each.lead_id for each in sample], fields=["stage", "captured_at"]
    )
    progress, mine = retention.progress_of(run), run.proposed_by_id == request.actor.membership_id
    done = progress[ItemState.ERASED] + progress[ItemState.LEFT]
    context = {
        "run": run,
        "schedule": [{**each, "words": _part_words(each["part"])} for each in run.schedule],
        "sample": [{"row": each, "parts": [_part_words(part) for part in each.parts]} for each in sample],
        "left": _left(run.left),
        "progress": progress,
        "done": done,
        "is_waiting": run.state == RunState.PROPOSED,
        "is_running": run.state == RunState.RUNNING,
        "is_mine": mine,
        "may_approve": not mine and request.actor.may(Permission.RETENTION_APPROVE),
    }
    return render(request, "compliance/retention/run.html", context)


@require_POST
def decide(request: ActorRequest, number: int) -> HttpResponse:
    """Approve a run, or refuse it with a reason."""
    run = retention.run_of(number)
    try:
        if request.POST.get("act") == "approve":
            retention.approve(actor=request.actor, run=run, now=request.now)
            messages.success(request, _("Approved. It is erased in the background."))
        else:
            because = request.POST.get("because", "")
            retention.refuse(actor=request.actor, run=run, because=because, now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    return _see(run)


@require_safe
def receipt(request: ActorRequest, number: int) -> HttpResponse:
    """Return the receipt of a run that is done, as it was signed."""
    run = retention.run_of(number)
    if run.state != RunState.DONE:
        raise Conflict("There is no receipt before a run is done.", code="not_done")
    response = JsonResponse({**run.receipt, "digest": run.digest}, json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{run.ref}-receipt.json"'
    return response


@require_POST
def hold(request: ActorRequest) -> HttpResponse:
    """Set a legal hold."""
    holds.require_holder(request.actor)
    form = HoldForm(request.POST)
    if form.is_valid():
        try:
            holds.hold(
                actor=request.actor,
                scope=HoldScope(form.cleaned_data["scope"]),
                subject=form.cleaned_data["subject"],
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except Invalid as error:
            for problem in error.problems:
                form.add_error(problem.pointer.removeprefix("/"), problem.detail)
        else:
            return HttpResponseRedirect(reverse("compliance:retention"), status=303)
    return _overview(request, form)


@require_POST
def release(request: ActorRequest, hold_id: UUID) -> HttpResponse:
    """End a legal hold."""
    try:
        holds.release(actor=request.actor, hold_id=hold_id, because=request.POST.get("because", ""), now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(reverse("compliance:retention"), status=303)


def _see(run: RetentionRun) -> HttpResponse:
    return HttpResponseRedirect(reverse("compliance:retention_run", args=[run.number]), status=303)


def _part_words(part: str) -> str:
    if part.startswith(FIELD):
        return part.removeprefix(FIELD).replace("_", " ")
    return CLASS_WORDS[DataClass(part)]


def _due_words(due: Due) -> dict[str, Any]:
    return {"words": _part_words(due.part), "months": due.months, "by": due.by, "part": due.part}


def _left(left: Any) -> list[dict[str, Any]]:
    return [{"n": n, "words": _(LEFT_WORDS[Left(why)])} for why, n in sorted(left.items())]


def _held(row: LegalHold) -> str:
    if row.scope == HoldScope.LEAD and row.lead:
        return str(row.lead.ref)
    if row.scope == HoldScope.PERSON:
        return _("a person, with all their leads")
    return CLASS_WORDS[DataClass(row.data_class)]


RETENTION = Section(
    key="retention",
    title=gettext_noop("Retention"),
    sentence=gettext_noop("How long data are kept, what is due, who approved what was erased, and legal holds."),
    icon="history",
    view=overview,
    permission=Permission.RETENTION_APPROVE,
    more=(
        ("due/", "retention_due", dry_run),
        ("propose/", "retention_propose", propose),
        ("holds/", "retention_hold", hold),
        ("holds/<uuid:hold_id>/release/", "retention_release", release),
        ("<int:number>/", "retention_run", run_page),
        ("<int:number>/decide/", "retention_decide", decide),
        ("<int:number>/receipt/", "retention_receipt", receipt),
    ),
)
