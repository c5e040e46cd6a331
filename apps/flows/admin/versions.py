"""The version that an address of the admin names, and the draft that a page makes from it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from apps.policies.actions import save_draft
from apps.policies.models import RuleSetVersion
from apps.tenancy.errors import NotFound
from leadcrm.http.scoping import ActorRequest


def version_of(object_id: str, *, kind: str = "") -> RuleSetVersion:
    """Return a version of a rule set, of this kind if one is named. Raises NotFound for any other address."""
    try:
        wanted = UUID(object_id)
    except ValueError as error:
        raise NotFound from error
    version = RuleSetVersion.rows().select_related("rule_set").filter(id=wanted).first()
    if version is None or (kind and version.rule_set.kind != kind):
        raise NotFound
    return version


def keep_draft(request: ActorRequest, version: RuleSetVersion, document: dict[str, Any], reason: str) -> HttpResponse:
    """Save a draft made from a version and go on to its page. Refuses what `save_draft` refuses."""
    draft = save_draft(
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
