"""A clean-up by page: choose field and values, see what would change, do it, see what came, take it back."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.flows import bulk as flow
from apps.flows.cleaning import CLEANABLE, ChangeValue
from apps.ownership.terms import is_of
from apps.quality import values
from apps.quality.queries import require_sight
from apps.quality.web.forms import ChangeForm, FieldForm
from apps.quality.web.views.overview import in_own_zone
from apps.quality.wording import FIELDS
from apps.tenancy.errors import Invalid, Refused
from leadcrm.http.scoping import ActorRequest

LONGEST_KEY = 64
NOT_YOURS = "Your role does not change this field. Ask a colleague whose role does."


@require_http_methods(["GET", "HEAD", "POST"])
@in_own_zone
def change(request: ActorRequest) -> HttpResponse:
    """Go one step on: the field, the values, what would change, or the change itself, once under its key."""
    require_sight(request.actor)
    flow.require_editor(request.actor)
    sent = request.POST if request.method == "POST" else request.GET
    field, apart = sent.get("field", ""), request.actor.fixed_fields
    if field not in CLEANABLE:
        return render(request, "quality/change_field.html", {"form": FieldForm(apart=apart)})
    if is_of(field, apart):
        raise Refused(NOT_YOURS, code="field_group", action="lead.clean", object_type="lead", fields=(field,))
    form = _form(request, field, sent)
    page: dict[str, Any] = {"form": form, "field": field, "field_label": FIELDS[field]}
    if request.method != "POST":
        return render(request, "quality/change.html", page)
    if not form.is_valid():
        return render(request, "quality/change.html", page, status=422)
    data = form.cleaned_data
    act = ChangeValue(field, data["value"], data["reason"], data["was"])
    ids, count = values.leads_with(request.actor, field, data["was"])
    try:
        if sent.get("step") == "do":
            return _done(request, ids, act, sent.get("idempotency_key", ""))
        lines = flow.preview(actor=request.actor, lead_ids=ids, act=act, now=request.now)
    except Invalid as error:
        for problem in error.problems:
            name = problem.pointer.removeprefix("/")
            form.add_error(name if name in form.fields else None, problem.detail)
        return render(request, "quality/change.html", page, status=422)
    return render(request, "quality/change_preview.html", page | _counted(lines, count) | _words(act))


@require_safe
@in_own_zone
def changed(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Show what came of each lead, and for seven days the way back."""
    run = flow.run_for(request.actor, run_id)
    items = flow.items_of(run)
    detail = {key: str(value) for key, value in run.detail.items()}
    context = {
        "run": run,
        "was": values.word_of(detail["field"], detail["was"]),
        "value": values.word_of(detail["field"], detail["value"]),
        "field_label": FIELDS[detail["field"]],
        "reason": detail["reason"],
        "done": [each for each in items if each.done],
        "refused": [each for each in items if not each.done],
        "may_undo": flow.may_undo(run, request.now),
        "until": flow.undo_until(run),
    }
    return render(request, "quality/changed.html", context)


@require_POST
def undone(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Put the former values back, where nobody changed them since."""
    flow.undo(actor=request.actor, run_id=run_id, now=request.now)
    messages.success(request, _("Taken back."))
    return HttpResponseRedirect(reverse("quality:changed", args=[run_id]), status=303)


def _form(request: ActorRequest, field: str, sent: Any) -> ChangeForm:
    present = [
        (value, f"{values.word_of(field, value) or _('nothing')} ({n})")
        for value, n in values.present_values(request.actor, field)
    ]
    is_sent = request.method == "POST"
    return ChangeForm(
        sent if is_sent else None,
        present=present,
        possible=values.possible_values(field),
        initial=None if is_sent else {"was": sent.get("was", "")},
    )


def _done(request: ActorRequest, ids: list[UUID], act: ChangeValue, key: str) -> HttpResponse:
    own = f"clean:{key[:LONGEST_KEY] or uuid4()}"
    run = flow.carry_out(actor=request.actor, lead_ids=ids, act=act, key=own, now=request.now)
    return HttpResponseRedirect(reverse("quality:changed", args=[run.id]), status=303)


def _counted(lines: list[flow.Line], count: int) -> dict[str, Any]:
    refused = [line for line in lines if not line.done]
    groups = Counter(line.group for line in refused)
    return {
        "will": len(lines) - len(refused),
        "refused": refused,
        "groups": ", ".join(f"{n} {group}" for group, n in groups.most_common()),
        "later": count - len(lines),
        "key": str(uuid4()),
    }


def _words(act: ChangeValue) -> dict[str, str]:
    return {
        "was": values.word_of(act.field, act.was or "") or _("nothing"),
        "value": values.word_of(act.field, act.value),
        "reason": act.reason,
    }
