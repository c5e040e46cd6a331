"""Rule sets and their versions: read aloud, drafted as JSON, approved by another person, rolled back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.accounts.terms import Permission
from apps.policies import queries
from apps.policies.actions import approve, find_problems, roll_back, save_draft
from apps.policies.admin.reading import document_lines
from apps.policies.decisions.life_cycle import next_state
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.terms import VersionEvent, VersionState
from apps.tenancy.errors import Invalid, Problem
from leadcrm.admin_site import ActorModelAdmin, RegisterForm, site
from leadcrm.http.scoping import ActorRequest


class DraftForm(RegisterForm):
    """A new draft: the whole document, and why it changes."""

    document = forms.JSONField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 24, "spellcheck": "false", "style": "font-family: monospace"}),
        label="Document", encoder=None,
    )  # fmt: skip
    reason = forms.CharField(max_length=500, widget=UnfoldAdminTextInputWidget, label="Why this changes")

    def spoken(self, problem: Problem) -> tuple[str | None, str]:
        """Show every problem of the document at the document, with its pointer."""
        return "document", f"{problem.pointer or '/'}: {problem.detail}"

    def clean_document(self) -> dict[str, Any]:
        """Take an object only."""
        document = self.cleaned_data["document"]
        if not isinstance(document, dict):
            raise forms.ValidationError("A rule document is a JSON object.")
        return document


class _Indented(json.JSONEncoder):
    """JSON as people edit it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2, "ensure_ascii": False})


class RuleSetAdmin(ActorModelAdmin):
    """One row for each kind of rules, with the version that rules now."""

    form = DraftForm
    view_permission, write_permission = Permission.RULES_READ, Permission.RULES_WRITE
    can_add = False
    key_field = ""
    list_display = ("name", "kind", "live_version", "in_force_since", "waiting")
    list_display_links = ("name",)
    ordering = ("kind", "key")
    fields = ("document", "reason")
    change_form_outer_before_template = "admin/policies/ruleset/live.html"

    def changelist_view(self, request: ActorRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the kinds; the versions in force are read once."""
        self._at = request.now
        return super().changelist_view(request, extra_context)

    @display(description="live version")
    def live_version(self, row: RuleSet) -> str:
        """Return the number of the version in force."""
        version = queries.version_in_force(row.kind, timezone.now(), row.key)
        return f"v{version.number}" if version else "none"

    @display(description="in force since")
    def in_force_since(self, row: RuleSet) -> datetime | None:
        """Return since when it rules."""
        version = queries.version_in_force(row.kind, timezone.now(), row.key)
        return version.effective_from if version else None

    @display(description="drafts waiting")
    def waiting(self, row: RuleSet) -> int:
        """Count the drafts that nobody approved yet."""
        return RuleSetVersion.rows().filter(rule_set=row, state__in=["draft", "tested"]).count()

    def get_form(self, request: ActorRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Start the draft from the version in force, or from the one named in the address."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.base_fields["document"].encoder = _Indented
        form.base_fields["document"].initial = self._start(request, obj)
        return form


site.register(RuleSet, RuleSetAdmin)
