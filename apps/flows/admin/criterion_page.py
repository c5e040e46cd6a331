"""The page of one criterion: its sentence, its test as rows, and whose leads its set is for. It saves drafts only."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.terms import Permission
from apps.flows.admin import criterion_form, rule_form
from apps.flows.admin.versions import version_of
from apps.policies import actions as policies
from apps.policies.decisions.rule_rows import Rows
from apps.policies.decisions.sentences import read_aloud
from apps.policies.models import RuleSetVersion
from apps.policies.queries import field_specs, labels
from apps.policies.terms import Problem, Severity
from apps.qualification.criteria_document import criteria_fields
from apps.tenancy.errors import Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest


def criterion_edit(request: ActorRequest, object_id: str) -> HttpResponse:
    """Show one criterion of a version as a form; save what is posted as a draft made from that version."""
    version = version_of(object_id, kind="criteria")
    sets = criterion_form.sets_of(version.document)
    place = _number(request.GET.get("set", ""), len(sets))
    head: dict[str, Any] = sets[place] if place < len(sets) else {}
    criteria = criterion_form.criteria_of(head)
    number = _number(request.GET.get("criterion", ""), len(criteria))
    before = criteria[number] if number < len(criteria) else {}
    if request.method != "POST":
        found = _found(version.document, place, number) if before else ()
        return _page(request, version, head, before, rule_form.rows_of(before), found)
    fields, deed = criteria_fields(field_specs()), request.POST.get("do", "save")
    head = criterion_form.read_set(request.POST, head)
    criterion, rows = criterion_form.read_criterion(request.POST, before, fields)
    if rows is not None and deed == "add-row":
        field = request.POST.get("new-field", "")
        rows = rule_form.with_new_row(rows, field) if field in fields else rows
        return _page(request, version, head, criterion, rows, ())
    if rows is not None and deed.startswith("drop-") and deed[5:].isdecimal():
        return _page(request, version, head, criterion, rule_form.without_row(rows, int(deed[5:])), ())
    document = criterion_form.put(version.document, place, head, number, criterion)
    found, reason = _found(document, place, number), request.POST.get("reason", "").strip()
    if deed != "save":
        return _page(request, version, head, criterion, rows, found)
    if not reason:
        missing = Problem("/reason", "missing", "Say why this changes.")
        return _page(request, version, head, criterion, rows, (missing, *found), status=422)
    try:
        return _save(request, version, document, reason)
    except Invalid as error:
        elsewhere = tuple(Problem(each.pointer, each.code, each.detail) for each in error.problems)
        return _page(request, version, head, criterion, rows, found or elsewhere, status=422)


def _save(request: ActorRequest, version: RuleSetVersion, document: dict[str, Any], reason: str) -> HttpResponse:
    draft = policies.save_draft(
        actor=request.actor,
        kind=version.rule_set.kind,
        key=version.rule_set.key,
        document=document,
        reason=reason[:500],
        now=request.now,
        replaces=version.pk,
    )
    messages.success(request, f"Draft v{draft.number} is saved. Another person approves it.")
    return redirect("admin:policies_rulesetversion_change", draft.pk)


def _page(
    request: ActorRequest,
    version: RuleSetVersion,
    head: dict[str, Any],
    criterion: dict[str, Any],
    rows: Rows | None,
    found: tuple[Problem, ...],
    status: int = 200,
) -> HttpResponse:
    fields, words = criteria_fields(field_specs()), labels()
    context = {
        **site.each_context(request),
        "title": f"{criterion.get('id') or 'New criterion'} · {head.get('id') or 'New set'} · {version}",
        "version": version,
        "set": head,
        "scope": criterion_form.scope_choices(head),
        "criterion": criterion,
        "kinds": criterion_form.kind_choices(),
        "is_required": criterion.get("required") is not False,
        "is_active": criterion.get("is_active") is not False,
        "rows": None if rows is None else rule_form.drawn_rows(rows, fields, words),
        "joint": "all" if rows is None else str(rows.joint),
        "sentence": read_aloud(criterion["when"], fields, words) if "when" in criterion else "",
        "fields": sorted(((key, spec.label) for key, spec in fields.items()), key=lambda pair: pair[1]),
        "problems": found,
        "reason": request.POST.get("reason", ""),
        "may_write": request.actor.may(Permission.RULES_WRITE),
        "json_link": f"{reverse('admin:policies_ruleset_change', args=[version.rule_set_id])}?from={version.number}",
    }
    return TemplateResponse(request, "admin/policies/criterion.html", context, status=status)


def _number(text: str, count: int) -> int:
    if text == "new":
        return count
    if not text.isdecimal() or int(text) >= count:
        raise NotFound
    return int(text)


def _found(document: dict[str, Any], place: int, number: int) -> tuple[Problem, ...]:
    """Return what is wrong with this criterion and with its set's head, errors first."""
    here, own = f"/sets/{place}", f"/sets/{place}/criteria/{number}"
    found = [
        each
        for each in policies.find_problems("criteria", document)
        if f"{each.path}/".startswith(f"{own}/")
        or (f"{each.path}/".startswith(f"{here}/") and not each.path.startswith(f"{here}/criteria/"))
    ]
    return tuple(sorted(found, key=lambda each: each.severity is not Severity.ERROR))


site.add_page(
    Page(
        "policies/rulesetversion/<path:object_id>/criterion/",
        "criterion_edit",
        criterion_edit,
        permission=Permission.RULES_READ,
    )
)
