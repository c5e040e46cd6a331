"""Experiments and pilots: the list by priority, the form of a new one, and the page where one is decided about.

Like the whole of admin, these pages speak English only.
"""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.terms import Permission
from apps.capture.models import FormVersion
from apps.capture.preview import sign_preview
from apps.capture.trials import KIND as FORM
from apps.catalog.queries import services_by_key
from apps.flows.admin import experiment_form as form
from apps.flows.stage_trials import KIND as STAGE
from apps.flows.trial_results import CALLED, results_of, verdict_on
from apps.flows.watching import alarms_of
from apps.policies import experiments as verbs
from apps.policies.models import Experiment, ExperimentIssue
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

_PEOPLE = ("author__user", "approver__user", "candidate__rule_set", "candidate__author__user", "control__rule_set")
_ORDER = {"draft": 1, "approved": 0, "stopped": 2, "adopted": 3, "dropped": 4}
_DONE = {
    "approve": "{} is approved.",
    "stop": "{} is stopped: everybody gets arm A.",
    "drop": "{} is dropped; the reason is kept.",
    "adopt": "{} is adopted: arm B is in force for everybody now. A review asks for the documents.",
    "issue": "The issue of {} is noted.",
    "solve": "The issue of {} is solved.",
}


def experiments(request: ActorRequest) -> HttpResponse:
    """List what runs, waits and was decided, by priority."""
    rows = sorted(
        Experiment.rows().select_related(*_PEOPLE), key=lambda row: (_ORDER[row.state], row.priority, -row.number)
    )
    arms = results_of(rows)
    context = {
        **site.each_context(request),
        "title": "Experiments and pilots",
        "rows": [
            {
                "row": row,
                "about": about(row),
                "state": state_word(row, request),
                "arms": arms[row.pk],
                "verdict": verdict_on(row, arms[row.pk]),
                "goal": form.goal_word(row.goal),
            }
            for row in rows
        ],
        "may_write": request.actor.may(Permission.RULES_WRITE),
    }
    return TemplateResponse(request, "admin/flows/experiments.html", context)


def new_experiment(request: ActorRequest) -> HttpResponse:
    """Show the form of an experiment; a post plans it."""
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            row = verbs.propose(actor=request.actor, proposal=form.read_posted(request.POST), now=request.now)
        except Invalid as error:
            problems = {each.pointer.strip("/"): each.detail for each in error.problems}
        else:
            messages.success(request, f"{row} is planned. Another person approves it.")
            return redirect("admin:experiment", row.pk)
    posted = request.POST if request.method == "POST" else request.GET
    tried = form.tried(posted.get("about", ""))
    context = {
        **site.each_context(request),
        "title": "New experiment",
        "posted": posted,
        "chosen": {name: posted.getlist(name) for name in ("services", "channels")},
        "problems": problems,
        "about": tried,
        "called": CALLED.get(tried.kind, "leads"),
        **form.choices(tried, request.actor),
    }
    return TemplateResponse(request, "admin/flows/experiment_new.html", context, status=422 if problems else 200)


def experiment(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """Show one experiment; a post decides about it or writes its issue log."""
    row = Experiment.rows().select_related(*_PEOPLE).filter(id=object_id).first()
    if row is None:
        raise NotFound
    if request.method == "POST":
        _decide(request, row)
        return redirect("admin:experiment", row.pk)
    arms = results_of([row])[row.pk]
    context = {
        **site.each_context(request),
        "title": f"{row} {row.title}",
        "row": row,
        "about": about(row),
        "sides": _sides(row),
        "arms": arms,
        "called": CALLED.get(row.kind, "leads"),
        "verdict": verdict_on(row, arms) if row.approved_at else None,
        "alarms": alarms_of(row, request.now).values() if row.approved_at else (),
        "goal": form.goal_word(row.goal),
        "state": state_word(row, request),
        "issues": list(ExperimentIssue.rows().filter(experiment=row).select_related("noted_by__user").order_by("id")),
        "may": _may(request.actor, row),
    }
    return TemplateResponse(request, "admin/flows/experiment.html", context)


def about(row: Experiment) -> str:
    """Say whom an experiment is about: 20 % of Dermatology, by web form; 50 % of the visitors of a form."""
    if row.kind == FORM:
        return f"{row.percent} % of the visitors of “{row.subject_name}”"
    names = {key: each.name for key, each in services_by_key().items()}
    services = " and ".join(names.get(key, key) for key in row.services) or "all services"
    channels = " or ".join(form.channel_word(key) for key in row.channels)
    share = "All leads" if row.is_pilot else f"{row.percent} %"
    entering = f", entering {row.subject_name}" if row.kind == STAGE else ""
    return f"{share} of {services}" + (f", by {channels}" if channels else "") + entering


def state_word(row: Experiment, request: ActorRequest) -> str:
    """Return the state as it is now: an approved one waits for its start, runs, or is over."""
    if row.state != "approved" or row.starts_at is None:
        return str(row.get_state_display())
    if row.ends_at <= request.now:
        return "over: decide about it"
    if row.starts_at > request.now:
        return "approved, begins later"
    return "running"


def _sides(row: Experiment) -> dict[str, Any]:
    """Return what both arms are: versions to open, or the steps of a stage."""
    if row.kind == FORM:
        versions = FormVersion.rows().filter(id__in=row.arms.values()).select_related("form")
        found = {str(each.pk): each for each in versions}
        return {
            arm: {"name": f"version {found[key].number}, preview", "url": _preview(row, found[key])}
            for arm, key in row.arms.items()
            if key in found
        }
    if row.kind == STAGE:
        return {arm: {"steps": json.dumps(steps, indent=2, ensure_ascii=False)} for arm, steps in row.arms.items()}
    return {
        arm: {"name": str(version), "url": reverse("admin:policies_rulesetversion_change", args=[version.pk])}
        for arm, version in (("A", row.control), ("B", row.candidate))
        if version is not None
    }


def _preview(row: Experiment, version: FormVersion) -> str:
    return reverse("capture:preview", args=[version.form.slug, sign_preview(version.form_id, version.pk)])


def _decide(request: ActorRequest, row: Experiment) -> None:
    act, actor, now = request.POST.get("act", ""), request.actor, request.now
    reason = request.POST.get("reason", "")
    try:
        if act == "approve":
            verbs.approve(actor=actor, experiment_id=row.pk, now=now)
        elif act == "stop":
            verbs.stop(actor=actor, experiment_id=row.pk, reason=reason, now=now)
        elif act == "drop":
            verbs.drop(actor=actor, experiment_id=row.pk, reason=reason, now=now)
        elif act == "adopt":
            url = reverse("admin:experiment", args=[row.pk])
            verbs.adopt(actor=actor, experiment_id=row.pk, reason=reason, now=now, url=url)
        elif act == "issue":
            verbs.note_issue(actor=actor, experiment_id=row.pk, sentence=reason, now=now)
        elif act == "solve":
            verbs.solve_issue(actor=actor, issue_id=_issue(request), solution=reason, now=now)
        else:
            raise NotFound
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _DONE[act].format(row))


def _issue(request: ActorRequest) -> UUID:
    try:
        return UUID(request.POST.get("issue", ""))
    except ValueError as error:
        raise NotFound from error


def _may(actor: Actor, row: Experiment) -> dict[str, Any]:
    approves, writes = actor.may(Permission.RULES_APPROVE), actor.may(Permission.RULES_WRITE)
    is_author = actor.membership_id in verbs.authors_of(row)
    # Who wrote an experiment with rules may adopt it, as long as the candidate is somebody else's.
    is_of_rules = row.candidate is not None and actor.membership_id != row.candidate.author_id
    return {
        "approve": approves and row.state == "draft" and not is_author,
        "wait": row.state == "draft" and (is_author or not approves),
        "stop": (approves or writes) and row.state == "approved",
        "drop": (approves or writes) and row.state in ("draft", "approved", "stopped"),
        "adopt": approves and row.state in ("approved", "stopped") and (is_of_rules or not is_author),
        "solve": approves or writes,
    }


for _page in (
    Page(
        "experiments/",
        "experiments",
        experiments,
        permission=Permission.RULES_READ,
        title="Experiments and pilots",
        icon="science",
    ),
    Page("experiments/new/", "experiment_new", new_experiment, permission=Permission.RULES_WRITE),
    Page("experiments/<uuid:object_id>/", "experiment", experiment, permission=Permission.RULES_READ),
):
    site.add_page(_page)
