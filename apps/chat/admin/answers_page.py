"""The form of what the chat says and how long somebody waits. What is saved is a draft, nothing more."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.accounts.terms import Permission
from apps.chat.admin import answers_form
from apps.flows.admin.versions import version_of
from apps.policies import actions as policies
from apps.policies.models import RuleSetVersion
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
        draft = policies.save_draft(
            actor=request.actor,
            kind=KIND,
            key=version.rule_set.key,
            document=document,
            reason=reason[:500],
            now=request.now,
            replaces=version.pk,
        )
    except Invalid:
        return _page(request, version, document, found, status=422)
    messages.success(request, f"Draft v{draft.number} is saved. Another person approves it.")
    return redirect("admin:policies_rulesetversion_change", draft.pk)


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
