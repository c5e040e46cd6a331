"""Breach cases on pages: one question a page, a countdown, the persons, tasks and drafts (rows AU-04, AU-05)."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.compliance import breach, letters
from apps.compliance.manifests import package
from apps.compliance.models import BreachCase, BreachLetter, BreachPerson, BreachTask
from apps.compliance.tables import letters_table
from apps.compliance.terms import MANY, NOTIFY_WITHIN_DAYS, CaseState, Letter
from apps.compliance.web.breach_forms import STEPS, NewCase
from apps.compliance.web.files import as_zip
from apps.compliance.web.frame import Section
from apps.leads.models import Lead
from apps.tenancy.errors import Conflict, Invalid, NotFound
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest

PERSONS_SHOWN = 200
TASK_LABELS = {
    "contain": gettext_noop("Contain the incident"),
    "assess": gettext_noop("Assess the four factors"),
    "affected": gettext_noop("Find who is affected"),
    "letters": gettext_noop("Finish the letters with counsel"),
    "notify": gettext_noop("Notify the persons"),
    "secretary": gettext_noop("Notify the Secretary (at once from 500 persons on, else with the year's list)"),
    "media": gettext_noop("Notify the media of the State"),
}
LETTER_LABELS = {
    Letter.PERSON: gettext_noop("Letter to a person"),
    Letter.SECRETARY: gettext_noop("Notice to the Secretary"),
    Letter.MEDIA: gettext_noop("Notice to the media"),
    Letter.ENTITY: gettext_noop("Notice to a covered entity"),
}


class SentOn(forms.Form):
    """When a letter went out."""

    sent_on = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


@require_safe
def cases(request: ActorRequest) -> HttpResponse:
    """List the cases, the newest first."""
    today = _today(request)
    rows = [{"case": each, "left": (each.due_on - today).days} for each in BreachCase.rows()[:100]]
    may = request.actor.may(Permission.BREACH_MANAGE)
    return render(request, "compliance/breach/cases.html", {"rows": rows, "may_open": may})


@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: ActorRequest) -> HttpResponse:
    """Ask what a case begins with, and open it."""
    breach.require_handler(request.actor)
    form = NewCase(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            case = breach.open_case(actor=request.actor, now=request.now, **form.cleaned_data)
        except Invalid as error:
            _show(form, error)
        else:
            return _see(case)
    context = {"form": form, "title": _("New breach case"), "case": None, "steps": []}
    return render(request, "compliance/breach/step.html", context, status=422 if form.errors else 200)


@require_safe
def case_page(request: ActorRequest, number: int) -> HttpResponse:
    """Show where a case stands."""
    case = breach.case_of(number)
    ledger.record(actor=request.actor, action="breach.view", object_type="breach_case", object_id=case.id)
    today, persons = _today(request), breach.persons_of(case)
    tasks = [
        {"task": each, "label": _(TASK_LABELS[each.key]), "is_late": not each.done_at and each.due_on < today}
        for each in BreachTask.rows().filter(case=case)
    ]
    there = {each.kind: each for each in BreachLetter.rows().filter(case=case)}
    context = {
        "case": case,
        "day": (today - case.discovered_on).days,
        "left": (case.due_on - today).days,
        "within": NOTIFY_WITHIN_DAYS,
        "persons": persons,
        "is_many": persons >= MANY,
        "many": MANY,
        "steps": _steps(case, ""),
        "tasks": tasks,
        "letters": [{"kind": k.value, "label": _(label), "row": there.get(k)} for k, label in LETTER_LABELS.items()],
        "may_change": request.actor.may(Permission.BREACH_MANAGE),
        "is_open": case.state == CaseState.OPEN,
    }
    return render(request, "compliance/breach/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def step_page(request: ActorRequest, number: int, step: str) -> HttpResponse:
    """Ask one question of a case; an answer leads to the next question."""
    if step not in STEPS:
        raise NotFound
    case, asked = breach.case_of(number), STEPS[step]
    breach.require_handler(request.actor, case)
    form = asked.form(request.POST) if request.method == "POST" else asked.form(initial=asked.shown(case))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                asked.keep(request.actor, case, form.cleaned_data, request.now)
        except (Conflict, Invalid) as error:
            _show(form, error)
        else:
            messages.success(request, _("Saved."))
            names = list(STEPS)
            after = names[names.index(step) + 1 :][:1] if step not in ("affected", "close") else []
            return _see(case, *after)
    context = {"form": form, "title": asked.title, "case": case, "steps": _steps(case, step)}
    return render(request, "compliance/breach/step.html", context, status=422 if form.errors else 200)


@require_POST
def task_done(request: ActorRequest, number: int, key: str) -> HttpResponse:
    """Note that a task is done."""
    case = breach.case_of(number)
    try:
        breach.finish_task(actor=request.actor, case=case, key=key, now=request.now)
    except Conflict as error:
        messages.error(request, error.detail)
    return _see(case)


@require_safe
def persons(request: ActorRequest, number: int) -> HttpResponse:
    """List whom a case concerns, by the numbers of their leads."""
    case = breach.case_of(number)
    rows = list(BreachPerson.rows().filter(case=case).order_by("excluded_because", "-reads", "id")[: PERSONS_SHOWN + 1])
    refs: dict[Any, list[Lead]] = {}
    for lead in Lead.rows().filter(person_id__in=[each.person_id for each in rows]).order_by("number"):
        refs.setdefault(lead.person_id, []).append(lead)
    ledger.record_read(
        actor=request.actor, what="person", object_ids=[each.person_id for each in rows], fields=["leads"]
    )
    context = {
        "case": case,
        "rows": [{"row": each, "leads": refs.get(each.person_id, [])[:3]} for each in rows[:PERSONS_SHOWN]],
        "count": breach.persons_of(case),
        "has_more": len(rows) > PERSONS_SHOWN,
        "may_change": request.actor.may(Permission.BREACH_MANAGE) and case.state == CaseState.OPEN,
    }
    return render(request, "compliance/breach/persons.html", context)


@require_POST
def leave_out(request: ActorRequest, number: int) -> HttpResponse:
    """Leave a person out, or take them in again where no reason is given."""
    case, person = breach.case_of(number), request.POST.get("person", "")
    row = BreachPerson.rows().filter(case=case, id__in=_ids(person)).first()
    if row is None:
        raise NotFound
    because = request.POST.get("because", "")[:300]
    try:
        breach.leave_out(actor=request.actor, case=case, person_id=row.person_id, because=because)
    except Conflict as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(reverse("compliance:breach_persons", args=[case.number]), status=303)


@require_safe
def persons_file(request: ActorRequest, number: int) -> HttpResponse:
    """Return whom the letters go to, with names and addresses, as CSV with a signed manifest."""
    case = breach.case_of(number)
    breach.require_handler(request.actor, case)
    rows = BreachPerson.rows().filter(case=case, excluded_because="").select_related("person").order_by("id")
    table = letters_table(list(rows))
    ledger.record_read(
        actor=request.actor,
        what="person",
        object_ids=[each.person_id for each in rows],
        fields=["name", "contact", "postal_code", "city", "region"],
    )
    content = package(
        actor=request.actor, what="affected persons", tables=[table], asked={"case": case.ref}, now=request.now
    )
    return as_zip(content, f"{case.ref}-persons.zip")


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: ActorRequest, number: int, kind: str) -> HttpResponse:
    """Show a draft; write it anew from the case, or note by hand that it was sent."""
    case = breach.case_of(number)
    if kind not in list(Letter):
        raise NotFound
    wanted = Letter(kind)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "sent":
                form = SentOn(request.POST)
                if not form.is_valid():
                    raise Invalid(_("Say on which day it was sent."))
                day = form.cleaned_data["sent_on"]
                letters.note_sent(actor=request.actor, case=case, kind=wanted, sent_on=day, today=_today(request))
            else:
                letters.draft(actor=request.actor, case=case, kind=wanted, now=request.now)
        except (Conflict, Invalid) as error:
            messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("compliance:breach_letter", args=[number, kind]), status=303)
    context = {
        "case": case,
        "title": _(LETTER_LABELS[wanted]),
        "letter": BreachLetter.rows().filter(case=case, kind=wanted).first(),
        "today": f"{_today(request)}",
        "may_change": request.actor.may(Permission.BREACH_MANAGE),
    }
    return render(request, "compliance/breach/letter.html", context)


def _steps(case: BreachCase, current: str) -> list[dict[str, Any]]:
    return [
        {
            "title": each.title,
            "url": reverse("compliance:breach_step", args=[case.number, name]),
            "is_current": name == current,
            "is_done": _is_answered(case, name),
        }
        for name, each in STEPS.items()
    ]


def _is_answered(case: BreachCase, step: str) -> bool:
    held = {"discovered": True, "affected": case.found_by, "risk": case.factors, "close": case.closed_at}
    return bool(held[step] if step in held else getattr(case, step))


def _show(form: forms.Form, error: Conflict | Invalid) -> None:
    problems = error.problems if isinstance(error, Invalid) else ()
    for problem in problems:
        name = problem.pointer.removeprefix("/")
        form.add_error(name if name in form.fields else None, problem.detail)
    if not problems:
        form.add_error(None, error.detail)


def _see(case: BreachCase, *step: str) -> HttpResponse:
    name = "compliance:breach_step" if step else "compliance:breach_case"
    return HttpResponseRedirect(reverse(name, args=[case.number, *step]), status=303)


def _today(request: ActorRequest) -> date:
    return request.now.astimezone(ZoneInfo(current_organization().zone)).date()


def _ids(text: str) -> list[str]:
    """Return a row's id as it was sent, or nothing for what is none."""
    try:
        return [str(forms.UUIDField().clean(text))]
    except forms.ValidationError:
        return []


BREACH = Section(
    key="breach",
    title=gettext_noop("Breach cases"),
    sentence=gettext_noop(
        "From the discovery to the letters in 60 days: who is affected, how grave it is, what is to do."
    ),
    icon="warning",
    view=cases,
    more=(
        ("new/", "breach_new", new_case),
        ("<int:number>/", "breach_case", case_page),
        ("<int:number>/persons/", "breach_persons", persons),
        ("<int:number>/persons/leave-out/", "breach_leave_out", leave_out),
        ("<int:number>/persons/export/", "breach_persons_file", persons_file),
        ("<int:number>/tasks/<slug:key>/", "breach_task", task_done),
        ("<int:number>/letters/<slug:kind>/", "breach_letter", letter),
        ("<int:number>/<slug:step>/", "breach_step", step_page),
    ),
)
