"""The page of one part of the rules: edit it as fields, add one, move it. What is saved is a draft, nothing more."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.terms import Permission
from apps.flows.admin.rules.forms import Opened, draw, opened, read
from apps.flows.admin.rules.inputs import Drawing, Said
from apps.flows.admin.versions import keep_draft, version_of
from apps.policies import actions as policies
from apps.policies.decisions.places import moved, taken_out
from apps.policies.models import RuleSetVersion
from apps.policies.queries import labels
from apps.policies.terms import Problem, Severity
from apps.tenancy.errors import Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

_MOVES = {"up": (-1, "Moved up"), "down": (1, "Moved down")}
_DRAWN_ANEW = ("add", "drop")


def rule_edit(request: ActorRequest, object_id: str) -> HttpResponse:
    """Show one part of a version as a form; save what is posted as a draft made from that version.

    `at` in the address is the JSON pointer of the part; "-" stands for a new one at the end of its list.
    """
    version = version_of(object_id)
    form = opened(version, request.GET.get("at", ""))
    if form is None:
        raise NotFound
    if request.method != "POST":
        return _page(request, version, form, () if form.is_new else _found(version, form))
    deed = request.POST.get("do", "save")
    if form.form.is_one_of_many and not form.is_new and deed in (*_MOVES, "remove"):
        return _arrange(request, version, form, deed)
    said = Said(request.POST, deed, form.form.fields())
    form, reason = read(form, said), request.POST.get("reason", "").strip()
    if deed.startswith(_DRAWN_ANEW):
        return _page(request, version, form, (), said)
    found = _found(version, form)
    if deed != "save":
        return _page(request, version, form, found, said)
    if not reason:
        missing = Problem("/reason", "missing", "Say why this changes.")
        return _page(request, version, form, (missing, *found), said, status=422)
    try:
        return keep_draft(request, version, form.document, reason)
    except Invalid as error:
        return _page(request, version, form, found or _elsewhere(error), said, status=422)


def _arrange(request: ActorRequest, version: RuleSetVersion, form: Opened, deed: str) -> HttpResponse:
    name = form.form.name_of(form.row)
    if deed == "remove":
        document, reason = taken_out(form.document, form.place), f"Removed {name}"
    else:
        by, words = _MOVES[deed]
        document, reason = moved(form.document, form.place, by), f"{words} {name}"
    try:
        return keep_draft(request, version, document, reason)
    except Invalid as error:
        return _page(request, version, form, _elsewhere(error), status=422)


def _page(
    request: ActorRequest,
    version: RuleSetVersion,
    form: Opened,
    found: tuple[Problem, ...],
    said: Said | None = None,
    status: int = 200,
) -> HttpResponse:
    kind, row, fields, words = form.form, form.row, form.form.fields(), labels()
    drawing = Drawing(fields, words, found, said)
    name = f"New {kind.noun}" if form.is_new else kind.name_of(row) or kind.noun.capitalize()
    reasons = drawing.take("/reason")
    context = {
        **site.each_context(request),
        "title": " · ".join(part for part in (name, kind.where(form.document, form.place), str(version)) if part),
        "version": version,
        "sections": draw(form, drawing),
        "sentences": [] if form.is_new and said is None else kind.reads(row, fields, words),
        "notes": [] if form.is_new else kind.notes(row, request.now),
        "problems": [each for each in found if each not in drawing.taken],
        "beside": sum(1 for each in drawing.taken if each not in reasons),
        "reason_problems": reasons,
        "can_move": kind.is_one_of_many and not form.is_new,
        "other_draft": _other_draft(request, version),
        "starts_later": version.state == "approved" and (version.effective_from or request.now) > request.now,
        "reason": request.POST.get("reason", ""),
        "may_write": request.actor.may(Permission.RULES_WRITE),
        "json_link": f"{reverse('admin:policies_ruleset_change', args=[version.rule_set_id])}?from={version.number}",
    }
    return TemplateResponse(request, "admin/policies/rule.html", context, status=status)


def _found(version: RuleSetVersion, form: Opened) -> tuple[Problem, ...]:
    """Return what is wrong with what the form edits, errors first; problems elsewhere are the version page's."""
    apart = tuple(f"{form.pointer}/{key}/" for key in form.form.apart)
    heads = [form.place[: section.depth] for section in form.form.sections]
    found = [
        each
        for each in policies.find_problems(version.rule_set.kind, form.document)
        if any(_is_own(each.path, form, head) for head in heads) and not f"{each.path}/".startswith(apart)
    ]
    return tuple(sorted(found, key=lambda each: each.severity is not Severity.ERROR))


def _is_own(path: str, form: Opened, head: tuple[str | int, ...]) -> bool:
    """Whether a problem lies at a place that the form edits, and not in another entry of the same list."""
    here = "".join(f"/{step}" for step in head)
    below = f"{here}/{form.place[len(head)]}/" if len(head) < len(form.place) else ""
    inside = f"{path}/".startswith(f"{here}/")
    return inside and not (below and path.startswith(below))


def _elsewhere(error: Invalid) -> tuple[Problem, ...]:
    return tuple(Problem(each.pointer, each.code, each.detail) for each in error.problems)


def _other_draft(request: ActorRequest, version: RuleSetVersion) -> RuleSetVersion | None:
    """Return the actor's own waiting draft, if this is another version: changes belong together there."""
    own = RuleSetVersion.rows().filter(
        rule_set_id=version.rule_set_id, author_id=request.actor.membership_id, state__in=["draft", "tested"]
    )
    return own.exclude(id=version.pk).order_by("-number").first() if request.actor.membership_id else None


site.add_page(
    Page("policies/rulesetversion/<path:object_id>/rule/", "rule_edit", rule_edit, permission=Permission.RULES_READ)
)
