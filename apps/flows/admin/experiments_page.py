"""Experiments and pilots: the list by priority, the form of a new one, and the page where one is decided about."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.terms import Permission
from apps.catalog.queries import services_by_key
from apps.flows.admin import experiment_form as form
from apps.flows.trial_results import results_of
from apps.flows.watching import watch_of_experiment
from apps.policies import experiments as verbs
from apps.policies.models import Experiment, ExperimentIssue
from apps.policies.ruling import running
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

_PEOPLE = ("author__user", "approver__user", "candidate__rule_set", "candidate__author__user", "control__rule_set")
_ORDER = {"draft": 1, "approved": 0, "stopped": 2, "adopted": 3, "dropped": 4}
_DONE = {
    "approve": "{} is approved.",
    "stop": "{} is stopped: every lead goes by the version in force.",
    "drop": "{} is dropped; the reason is kept.",
    "adopt": "{} is adopted: its candidate rules for everybody now. A review asks for the documents.",
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
            {"row": row, "about": about(row), "state": state_word(row, request), "arms": arms[row.pk]} for row in rows
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
    context = {
        **site.each_context(request),
        "title": "New experiment",
        "posted": posted,
        "chosen": {name: posted.getlist(name) for name in ("services", "channels")},
        "problems": problems,
        **form.choices(),
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
    context = {
        **site.each_context(request),
        "title": f"{row} {row.title}",
        "row": row,
        "about": about(row),
        "arms": results_of([row])[row.pk],
        "watch": watch_of_experiment(row, request.now) if row.approved_at else None,
        "goal": form.goal_word(row.goal),
        "state": state_word(row, request),
        "issues": list(ExperimentIssue.rows().filter(experiment=row).select_related("noted_by__user").order_by("id")),
        "may": _may(request.actor, row),
    }
    return TemplateResponse(request, "admin/flows/experiment.html", context)


def about(row: Experiment) -> str:
    """Say which leads an experiment is about: 20 % of Dermatology, by web form."""
    names = {key: each.name for key, each in services_by_key().items()}
    services = " and ".join(names.get(key, key) for key in row.services) or "all services"
    channels = " or ".join(form.channel_word(key) for key in row.channels)
    share = "All leads" if row.is_pilot else f"{row.percent} %"
    return f"{share} of {services}" + (f", by {channels}" if channels else "")


def state_word(row: Experiment, request: ActorRequest) -> str:
    """Return the state as it is now: an approved one waits for its start, runs, or is over."""
    if row.state != "approved" or row.starts_at is None:
        return str(row.get_state_display())
    if row.ends_at <= request.now:
        return "over: decide about it"
    if row.starts_at > request.now:
        return "approved, begins later"
    is_running = row.control is not None and any(each.pk == row.pk for each in running(row.control, request.now))
    return "running" if is_running else "approved"


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
    is_author = actor.membership_id in (row.author_id, row.candidate.author_id)
    return {
        "approve": approves and row.state == "draft" and not is_author,
        "wait": row.state == "draft" and (is_author or not approves),
        "stop": (approves or writes) and row.state == "approved",
        "drop": (approves or writes) and row.state in ("draft", "approved", "stopped"),
        "adopt": approves and row.state in ("approved", "stopped") and actor.membership_id != row.candidate.author_id,
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
