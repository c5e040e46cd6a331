"""The builder of one script: questions in order, each bound to a field. What is saved is a draft, nothing more."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.accounts.terms import Permission
from apps.flows.admin import script_form
from apps.flows.admin.versions import version_of
from apps.policies import actions as policies
from apps.policies.models import RuleSetVersion
from apps.policies.terms import Problem
from apps.tenancy.errors import Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest


def script_edit(request: ActorRequest, object_id: str) -> HttpResponse:
    """Show one script of a version as a form; save what is posted as a draft made from that version."""
    version = version_of(object_id, kind="scripts")
    scripts, asked = script_form.scripts_of(version.document), request.GET.get("script", "")
    if asked != "new" and not (asked.isdecimal() and int(asked) < len(scripts)):
        raise NotFound
    number = len(scripts) if asked == "new" else int(asked)
    before = {"id": script_form.free_id(version.document, "SCRIPT-")} if asked == "new" else scripts[number]
    if request.method != "POST":
        return _page(request, version, number, before, _found(version.document, number))
    deed, script = request.POST.get("do", "check"), script_form.read_posted(request.POST, before)
    document = script_form.put_script(version.document, number, script)
    changed = script_form.moved(script, deed, script_form.free_id(document, "S-"))
    if changed is not None:
        return _page(request, version, number, changed, ())
    found, reason = _found(document, number), request.POST.get("reason", "").strip()
    if deed != "save":
        return _page(request, version, number, script, found)
    if not reason:
        missing = Problem("/reason", "missing", "Say why this changes.")
        return _page(request, version, number, script, (missing, *found), status=422)
    try:
        draft = policies.save_draft(
            actor=request.actor,
            kind="scripts",
            key=version.rule_set.key,
            document=document,
            reason=reason[:500],
            now=request.now,
            replaces=version.pk,
        )
    except Invalid:
        return _page(request, version, number, script, found, status=422)
    messages.success(request, f"Draft v{draft.number} is saved. Another person approves it.")
    return redirect("admin:policies_rulesetversion_change", draft.pk)


def _page(
    request: ActorRequest,
    version: RuleSetVersion,
    number: int,
    script: dict[str, Any],
    problems: tuple[Problem, ...],
    status: int = 200,
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": f"{script.get('name') or 'New script'} · {version}",
        "version": version,
        "script": script_form.drawn(script),
        "problems": problems,
        "reason": request.POST.get("reason", ""),
        "may_write": request.actor.may(Permission.RULES_WRITE),
    }
    return TemplateResponse(request, "admin/flows/script.html", context, status=status)


def _found(document: dict[str, Any], number: int) -> tuple[Problem, ...]:
    """Return what is wrong with this script; problems elsewhere are the version page's."""
    path = f"/scripts/{number}/"
    return tuple(each for each in policies.find_problems("scripts", document) if f"{each.path}/".startswith(path))


site.add_page(
    Page("policies/rulesetversion/<path:object_id>/script/", "script_edit", script_edit, Permission.RULES_READ)
)
