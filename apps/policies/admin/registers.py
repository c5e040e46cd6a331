"""Rule sets and their versions: read aloud, drafted as JSON, approved by another person, rolled back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display as labelled
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.accounts.terms import Permission
from apps.policies import actions as verbs
from apps.policies import queries, registry, testing
from apps.policies.admin.ladder import Ladder, ladder, sentences
from apps.policies.decisions.changes import Sentence, changed_sentences, raw_changes
from apps.policies.decisions.life_cycle import next_state
from apps.policies.decisions.lines import Line, document_lines
from apps.policies.decisions.schedule import has_ruled
from apps.policies.faults import open_faults
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.schedule import fact_of
from apps.policies.terms import LifeCycleVerdict, VersionEvent, VersionState
from apps.policies.terms import Problem as RuleProblem
from apps.tenancy.errors import Invalid, Problem
from leadcrm.admin_registers import ActorModelAdmin, ReadOnlyAdmin, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

_OPEN = (VersionState.DRAFT, VersionState.TESTED)
_STATES = {
    "draft": "info",
    "tested": "info",
    "approved": "success",
    "superseded": "default",
    "rolled_back": "warning",
    "suspended": "warning",
}
_EDITOR = {"rows": 28, "spellcheck": "false", "style": "font-family: monospace; max-width: none"}


class _Indented(json.JSONEncoder):
    """JSON as people edit it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2, "ensure_ascii": False})


class DraftForm(RegisterForm):
    """A new draft: the whole document, and why it changes."""

    document = forms.JSONField(widget=UnfoldAdminTextareaWidget(attrs=_EDITOR), encoder=_Indented)
    reason = forms.CharField(max_length=500, widget=UnfoldAdminTextInputWidget, label="Why this changes")

    def spoken(self, problem: Problem) -> tuple[str | None, str]:
        """Show every problem of the document beside it, with its pointer."""
        return "document", f"{problem.pointer or '/'}: {problem.detail}"

    def clean_document(self) -> dict[str, Any]:
        """Take an object only."""
        document = self.cleaned_data["document"]
        if not isinstance(document, dict):
            raise forms.ValidationError("A rule document is a JSON object.")
        return document


class RuleSetAdmin(ActorModelAdmin):
    """One row for each kind of rules: what rules now, its history, and the editor of the next draft."""

    form = DraftForm
    view_permission, write_permission = Permission.RULES_READ, Permission.RULES_WRITE
    can_add = False
    key_field = ""
    list_display = ("name", "kind", "live_version", "in_force_since", "waiting")
    ordering = ("kind", "key")
    change_form_outer_before_template = "admin/policies/ruleset/live.html"

    def get_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Offer the editor to who may write rules."""
        return ("document", "reason") if self.has_change_permission(request, obj) else ("name", "kind")

    def get_form(self, request: ActorRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Start the draft from the version in force, or from the one that the address names."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if "document" in form.base_fields:
            form.base_fields["document"].initial = self._start(request, obj)
        return form

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Add the live version, read aloud, and the history."""
        rule_set: RuleSet = kwargs["obj"]
        live = queries.version_in_force(rule_set.kind, request.now, rule_set.key)
        more = {
            "title": rule_set.name,
            "live": live,
            "lines": _lines(live),
            "ways": registry.ways_of(live) if live else [],
            "ladder": _ladder(live, request.now) if live else None,
            "history": queries.history(rule_set.kind, rule_set.key),
            "may_write": self.has_change_permission(request),
        }
        answer: HttpResponse = super().render_change_form(request, {**context, **more}, **kwargs)
        return answer

    def keep(self, request: ActorRequest, obj: RuleSet, data: dict[str, Any], parts: Any) -> Model:
        """Store a draft beside what rules; nothing else changes until another person approves it."""
        request.__dict__["draft"] = verbs.save_draft(
            actor=request.actor,
            kind=obj.kind,
            key=obj.key,
            document=data["document"],
            reason=data["reason"],
            now=request.now,
        )
        return obj

    def response_change(self, request: ActorRequest, obj: Any) -> HttpResponse:
        """Go on to the draft's own page, where it waits for approval."""
        draft: RuleSetVersion = request.__dict__["draft"]
        messages.success(request, f"Draft v{draft.number} is saved. Another person approves it.")
        return redirect("admin:policies_rulesetversion_change", draft.pk)

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Bring the version in force and the number of waiting drafts along, in one query."""
        ruling = (
            RuleSetVersion.rows()
            .filter(rule_set=OuterRef("pk"), state="approved", effective_from__lte=request.now)
            .exclude(effective_until__lte=request.now)
            .order_by("-effective_from", "-number")
        )
        rows: QuerySet[Any] = super().get_queryset(request)
        live_number, live_from = (Subquery(ruling.values(each)[:1]) for each in ("number", "effective_from"))
        drafts = Count("versions", filter=Q(versions__state__in=_OPEN))
        return cast(QuerySet[Any], rows.annotate(live_number=live_number, live_from=live_from, drafts=drafts))

    @display(description="live version", ordering="live_number")
    def live_version(self, row: Any) -> str:
        """Return the number of the version in force."""
        return f"v{row.live_number}" if row.live_number else "none"

    @display(description="in force since", ordering="live_from")
    def in_force_since(self, row: Any) -> datetime | None:
        """Return since when it rules."""
        return cast(datetime | None, row.live_from)

    @display(description="drafts waiting", ordering="drafts")
    def waiting(self, row: Any) -> int:
        """Count the drafts that nobody approved yet."""
        return int(row.drafts)

    def _start(self, request: ActorRequest, rule_set: RuleSet | None) -> dict[str, Any]:
        if rule_set is None:
            return {}
        number = request.GET.get("from", "")
        if number.isdigit():
            chosen = RuleSetVersion.rows().filter(rule_set=rule_set, number=int(number)).first()
            if chosen is not None:
                return dict(chosen.document)
        return queries.live_document(rule_set.kind, request.now, rule_set.key)


class RuleSetVersionAdmin(ReadOnlyAdmin):
    """One version: its sentences, its problems, its way from draft to rule. Approved documents are frozen."""

    view_permission = Permission.RULES_READ
    called = "rule versions"
    deeds = ("approve", "run_tests", "roll_back")
    list_display = (
        "rule_set",
        "version",
        "state_word",
        "author",
        "approver",
        "effective_from",
        "effective_until",
    )
    list_display_links = ("version",)
    list_filter = ("rule_set", "state")
    list_select_related = ("rule_set", "author__user", "approver__user")
    ordering = ("rule_set__kind", "-number")
    fields = (
        ("rule_set", "version", "standing"),
        "reason",
        ("author", "created_at"),
        ("approver", "approved_at"),
        ("effective_from", "effective_until"),
        "digest",
    )
    readonly_fields = ("version", "standing")
    change_form_outer_after_template = "admin/policies/rulesetversion/version.html"

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Bring the people along."""
        return super().get_queryset(request).select_related(*self.list_select_related)

    @display(description="version", ordering="number")
    def version(self, row: RuleSetVersion) -> str:
        """Return the number as people say it."""
        return f"v{row.number}"

    @labelled(description="state", label=_STATES, ordering="state")  # type: ignore[untyped-decorator]
    def state_word(self, row: RuleSetVersion) -> tuple[str, str]:
        """Return the state with its colour."""
        return row.state, row.get_state_display()

    @display(description="state")
    def standing(self, row: RuleSetVersion) -> str:
        """Return the state in words."""
        return str(row.get_state_display())

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Add the document as sentences and as JSON, its problems, and what the actor may do with it."""
        version: RuleSetVersion = kwargs["obj"]
        may_rule = request.actor.may(Permission.RULES_APPROVE)
        is_open, is_suspended = version.state in _OPEN, version.state == VersionState.SUSPENDED
        found = _ladder(version, request.now)
        more = {
            "title": str(version),
            "version": version,
            "lines": _lines(version),
            "ways": registry.ways_of(version),
            "ladder": found,
            "compared": _compared(request, version),
            "faults": [] if found else open_faults(version),
            "problems": _problems(version) if (is_open or is_suspended) and version.rule_set.kind != "routing" else [],
            "as_json": json.dumps(version.document, indent=2, ensure_ascii=False),
            "approval": _approval(request, version) if (is_open or is_suspended) and may_rule else None,
            **_testing(request, version),
            "is_suspended": is_suspended,
            "watch": registry.watch_of(version, request.now) if version.approved_at else None,
            "before": _before(version) if may_rule and _rules_now(version, request.now) else None,
            "is_scheduled": version.state == VersionState.APPROVED and not has_ruled(fact_of(version), request.now),
            "may_roll_back": may_rule and _ruled_before(version, request.now),
            "may_write": request.actor.may(Permission.RULES_WRITE),
        }
        answer: HttpResponse = super().render_change_form(request, {**context, **more}, **kwargs)
        return answer

    def approve(self, request: ActorRequest, row: RuleSetVersion) -> None:
        """Let the draft rule, now or from a date on. The author is refused."""
        starts_at = _instant(request.POST.get("effective_from", ""))
        version = verbs.approve(actor=request.actor, version_id=row.pk, now=request.now, effective_from=starts_at)
        messages.success(request, _since(version))

    def run_tests(self, request: ActorRequest, row: RuleSetVersion) -> None:
        """Run the tests that an approval asks for, and say what came of each."""
        found = testing.run_tests(actor=request.actor, version_id=row.pk, now=request.now)
        for each in found:
            if each.latest is None:
                messages.info(request, f"{each.need.label}: under way. Load this page again in a while.")
            else:
                say = messages.success if each.latest.passed else messages.error
                say(request, f"{each.need.label}: {each.latest.sentence}")
        if not found:
            messages.info(request, "These rules are approved without a test.")

    def roll_back(self, request: ActorRequest, row: RuleSetVersion) -> HttpResponse:
        """Let this older document rule again at once, as a new version."""
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Invalid("Say why you go back.", (Problem("/reason", "missing", "Say why you go back."),))
        version = verbs.roll_back(
            actor=request.actor,
            kind=row.rule_set.kind,
            key=row.rule_set.key,
            to_number=row.number,
            reason=reason[:500],
            now=request.now,
        )
        messages.success(request, _since(version))
        return redirect("admin:policies_rulesetversion_change", version.pk)


def _lines(version: RuleSetVersion | None) -> list[Line]:
    if version is None:
        return []
    if reader := registry.reader_of(version.rule_set.kind):
        said = reader(version.document, queries.field_specs(), queries.labels())
        return [Line(0, text) for text in said] or [Line(0, "Nothing is said yet.")]
    return document_lines(version.document, queries.field_specs(), queries.labels())


def _problems(version: RuleSetVersion) -> list[RuleProblem]:
    return verbs.find_problems(version.rule_set.kind, version.document)


def _ladder(version: RuleSetVersion, now: datetime | None = None) -> Ladder | None:
    """Return a routing version as layers of chips with problems and, given `now`, hits; None for other kinds."""
    if version.rule_set.kind != "routing":
        return None
    hits = registry.hits_of("routing", now) if now else None
    broken = open_faults(version) if now else []
    return ladder(version.document, queries.field_specs(), queries.labels(), _problems(version), hits, broken)


def _compared(request: ActorRequest, version: RuleSetVersion) -> dict[str, Any]:
    """Return what this version says otherwise than another one: the chosen, or what rules, or the one before."""
    history = [each for each in queries.history(version.rule_set.kind, version.rule_set.key) if each.pk != version.pk]
    wanted = request.GET.get("against", "")
    live = queries.version_in_force(version.rule_set.kind, request.now, version.rule_set.key)
    earlier = next((each for each in history if each.number < version.number), None)
    usual = earlier if live is None or live.pk == version.pk else live
    chosen = next((each for each in history if str(each.number) == wanted), usual)
    changes = changed_sentences(_said(chosen), _said(version)) if chosen else ()
    raw = raw_changes(chosen.document, version.document) if chosen else ()
    return {"against": chosen, "changes": changes, "raw": raw, "versions": history}


def _said(version: RuleSetVersion) -> list[Sentence]:
    found = _ladder(version)
    if found is not None:
        return sentences(found)
    return [Sentence(line.text, line.is_heading) for line in _lines(version)]


def _approval(request: ActorRequest, version: RuleSetVersion) -> LifeCycleVerdict:
    """Say whether the actor may approve, before they try."""
    return next_state(
        VersionState.SUSPENDED if version.state == VersionState.SUSPENDED else VersionState.TESTED,
        VersionEvent.APPROVE,
        author=version.author_id,
        person=request.actor.membership_id,
        now=request.now,
    )


def _testing(request: ActorRequest, version: RuleSetVersion) -> dict[str, Any]:
    """Return the tests that an approval asks for, and what the actor may do about them."""
    tests = testing.tests_of(version)
    may = request.actor.may(Permission.RULES_WRITE) or request.actor.may(Permission.RULES_APPROVE)
    return {
        "tests": tests,
        "tests_missing": [each for each in tests if not each.is_passed],
        "may_test": may and version.state in testing.OPEN,
        "replay_url": _replay_url(version, tests),
    }


def _replay_url(version: RuleSetVersion, tests: Sequence[testing.Tested]) -> str:
    is_replayed = any(each.need.kind == "replay" for each in tests)
    return reverse("admin:policies_rulesetversion_replay", args=[version.pk]) if is_replayed else ""


def _before(version: RuleSetVersion) -> RuleSetVersion | None:
    """Return the version that ruled right before this one."""
    rows = RuleSetVersion.rows().filter(rule_set=version.rule_set, effective_until=version.effective_from)
    return rows.exclude(pk=version.pk).order_by("-number").first()


def _ruled_before(version: RuleSetVersion, now: datetime) -> bool:
    return version.approved_at is not None and has_ruled(fact_of(version), now) and not _rules_now(version, now)


def _rules_now(version: RuleSetVersion, now: datetime) -> bool:
    ruling = queries.version_in_force(version.rule_set.kind, now, version.rule_set.key)
    return ruling is not None and ruling.pk == version.pk


def _instant(text: str) -> datetime | None:
    """Read a local time of the tenant's zone, which the admin has made current."""
    if not text.strip():
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text.strip()))
    except ValueError as error:
        sentence = "Give the start as a date and a time, such as 2026-12-01T08:00."
        raise Invalid(sentence, (Problem("/effective_from", "not_a_time", sentence),)) from error


def _since(version: RuleSetVersion) -> SafeString:
    starts = timezone.localtime(version.effective_from)
    return format_html("{} v{} rules from {}.", version.rule_set.name, version.number, f"{starts:%d %b %Y, %H:%M}")


site.register(RuleSet, RuleSetAdmin)
site.register(RuleSetVersion, RuleSetVersionAdmin)
