"""The page of one routing rule: edit it as rows, add one, move it. What is saved is a draft, nothing more."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.terms import Permission
from apps.flows.admin import rule_form
from apps.flows.admin.versions import version_of
from apps.policies import actions as policies
from apps.policies.decisions.rule_rows import Rows
from apps.policies.decisions.sentences import read_aloud
from apps.policies.models import RuleSetVersion
from apps.policies.queries import field_specs, labels
from apps.policies.terms import Problem, Severity
from apps.routing.decisions.editing import free_id, move_rule, put_rule, rules_of
from apps.routing.hits import HIT_DAYS, rule_hits
from apps.routing.terms import LAYERS
from apps.tenancy.errors import Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

_MOVES = {"up": (-1, "Moved up"), "down": (1, "Moved down")}


def rule_edit(request: ActorRequest, object_id: str) -> HttpResponse:
    """Show one rule of a version as a form; save what is posted as a draft made from that version."""
    version = version_of(object_id, kind="routing")
    layer = request.GET.get("layer", "")
    rules = rules_of(version.document, layer)
    number = _number(request.GET.get("rule", ""), rules)
    if layer not in LAYERS:
        raise NotFound
    before = rules[number] if number < len(rules) else {"id": free_id(version.document)}
    if request.method != "POST":
        return _page(request, version, layer, number, before, rule_form.rows_of(before))
    deed = request.POST.get("do", "save")
    if deed in _MOVES:
        by, words = _MOVES[deed]
        return _save(request, version, move_rule(version.document, layer, number, by), f"{words} {before['id']}")
    fields = field_specs()
    posted = rule_form.read_posted(request.POST, before, fields)
    rows = posted.rows
    if rows is not None and deed == "add-row":
        field = request.POST.get("new-field", "")
        rows = rule_form.with_new_row(rows, field) if field in fields else rows
        return _page(request, version, layer, number, posted.rule, rows)
    if rows is not None and deed.startswith("drop-") and deed[5:].isdecimal():
        return _page(request, version, layer, number, posted.rule, rule_form.without_row(rows, int(deed[5:])))
    document = put_rule(version.document, layer, number, posted.rule)
    reason = request.POST.get("reason", "").strip()
    if deed == "check":
        return _page(request, version, layer, number, posted.rule, rows, _found(document, layer, number))
    missing = () if reason else (Problem("/reason", "missing", "Say why this changes."),)
    if missing:
        return _page(request, version, layer, number, posted.rule, rows, missing, status=422)
    try:
        return _save(request, version, document, reason)
    except Invalid:
        found = _found(document, layer, number)
        return _page(request, version, layer, number, posted.rule, rows, found, status=422)


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
    layer: str,
    number: int,
    rule: dict[str, Any],
    rows: Rows | None,
    found: tuple[Problem, ...] | None = None,
    status: int = 200,
) -> HttpResponse:
    fields, words = field_specs(), labels()
    is_new = number >= len(rules_of(version.document, layer))
    if found is None:
        found = () if is_new else _found(version.document, layer, number)
    context = {
        **site.each_context(request),
        "title": f"{'New rule' if is_new else rule.get('id', '')} · {LAYERS[layer]} · {version}",
        "version": version,
        "layer_name": LAYERS[layer],
        "rule": rule,
        "is_new": is_new,
        "is_active": rule.get("is_active") is not False,
        "rows": None if rows is None else rule_form.drawn_rows(rows, fields, words),
        "joint": "all" if rows is None else str(rows.joint),
        "sentence": read_aloud(rule["when"], fields, words) if "when" in rule else "",
        "effects": rule_form.effect_choices(rule),
        "workflow": (rule.get("then") or {}).get("workflow", ""),
        "fields": sorted(((key, spec.label) for key, spec in fields.items()), key=lambda pair: pair[1]),
        "problems": found,
        "other_draft": _other_draft(request, version),
        "starts_later": version.state == "approved" and (version.effective_from or request.now) > request.now,
        "hits": None if is_new else rule_hits(request.now).get(str(rule.get("id", "")), 0),
        "hit_days": HIT_DAYS,
        "reason": request.POST.get("reason", ""),
        "may_write": request.actor.may(Permission.RULES_WRITE),
        "json_link": f"{reverse('admin:policies_ruleset_change', args=[version.rule_set_id])}?from={version.number}",
    }
    return TemplateResponse(request, "admin/policies/rule.html", context, status=status)


def _number(text: str, rules: list[dict[str, Any]]) -> int:
    if text == "new":
        return len(rules)
    if not text.isdecimal() or int(text) >= len(rules):
        raise NotFound
    return int(text)


def _found(document: dict[str, Any], layer: str, number: int) -> tuple[Problem, ...]:
    """Return what is wrong with this rule, errors first; problems elsewhere are the version page's."""
    keys = [item.get("key") for item in document.get("layers", [])]
    path = f"/layers/{keys.index(layer)}/rules/{number}" if layer in keys else "/"
    own = [each for each in policies.find_problems("routing", document) if f"{each.path}/".startswith(f"{path}/")]
    return tuple(sorted(own, key=lambda each: each.severity is not Severity.ERROR))


def _other_draft(request: ActorRequest, version: RuleSetVersion) -> RuleSetVersion | None:
    """Return the actor's own waiting draft, if this is another version: changes belong together there."""
    own = RuleSetVersion.rows().filter(
        rule_set_id=version.rule_set_id, author_id=request.actor.membership_id, state__in=["draft", "tested"]
    )
    return own.exclude(id=version.pk).order_by("-number").first() if request.actor.membership_id else None


site.add_page(
    Page("policies/rulesetversion/<path:object_id>/rule/", "rule_edit", rule_edit, permission=Permission.RULES_READ)
)
