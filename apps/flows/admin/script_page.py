"""The builder of one script: questions in order, each bound to a field. What is saved is a draft, nothing more."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.terms import Permission
from apps.flows.admin import script_form
from apps.flows.admin.versions import keep_draft, version_of
from apps.policies import actions as policies
from apps.policies import registry
from apps.policies.models import RuleSetVersion
from apps.policies.registry import Way
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
        return keep_draft(request, version, document, reason)
    except Invalid:
        return _page(request, version, number, script, found, status=422)


def script_ways(version: RuleSetVersion) -> list[tuple[str, list[Way]]]:
    """Return the ways to the builder of each script of a version, and of a new one."""
    page, scripts = reverse("admin:script_edit", args=[version.pk]), script_form.scripts_of(version.document)
    known = [Way(f"Edit {row.get('name')}", f"{page}?script={place}") for place, row in enumerate(scripts)]
    return [("", [*known, Way("New script", f"{page}?script=new")])]


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
registry.register_ways("scripts", script_ways)
