"""The form of what the chat says and how long somebody waits. What is saved is a draft, nothing more."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.terms import Permission
from apps.chat.admin import answers_form
from apps.flows.admin.versions import keep_draft, version_of
from apps.policies import actions as policies
from apps.policies import registry
from apps.policies.models import RuleSetVersion
from apps.policies.registry import Way
from apps.policies.terms import Problem
from apps.tenancy.errors import Invalid
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

KIND = "chat"


def chat_edit(request: ActorRequest, object_id: str) -> HttpResponse:
    """Show a version of the chat's answers as a form; save what is posted as a draft made from that version."""
    version = version_of(object_id, kind=KIND)
    if request.method != "POST":
        return _page(request, version, version.document, tuple(policies.find_problems(KIND, version.document)))
    deed, document = request.POST.get("do", "check"), answers_form.read_posted(request.POST, version.document)
    changed = answers_form.moved(document, deed)
    if changed is not None:
        return _page(request, version, changed, ())
    found, reason = tuple(policies.find_problems(KIND, document)), request.POST.get("reason", "").strip()
    if deed != "save":
        return _page(request, version, document, found, is_checked=True)
    if not reason:
        missing = Problem("/reason", "missing", "Say why this changes.")
        return _page(request, version, document, (missing, *found), status=422)
    try:
        return keep_draft(request, version, document, reason)
    except Invalid:
        return _page(request, version, document, found, status=422)


def chat_ways(version: RuleSetVersion) -> list[tuple[str, list[Way]]]:
    """Return the way to the form of what the chat says."""
    return [("", [Way("Edit as a form", reverse("admin:chat_edit", args=[version.pk]))])]


def _page(
    request: ActorRequest,
    version: RuleSetVersion,
    document: dict[str, Any],
    problems: tuple[Problem, ...],
    *,
    status: int = 200,
    is_checked: bool = False,
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": f"What the chat says · {version}",
        "version": version,
        "chat": answers_form.drawn(document),
        "problems": problems,
        "is_checked": is_checked,
        "reason": request.POST.get("reason", ""),
        "may_write": request.actor.may(Permission.RULES_WRITE),
    }
    return TemplateResponse(request, "admin/chat/answers.html", context, status=status)


site.add_page(Page("policies/rulesetversion/<path:object_id>/chat/", "chat_edit", chat_edit, Permission.RULES_READ))
registry.register_ways(KIND, chat_ways)
