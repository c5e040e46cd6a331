"""The register of submissions: what came in and what became of it. The sealed body is not shown here.

Here quarantined ones are looked at and let go on.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import display
from django.db.models import QuerySet

from apps.accounts.terms import FieldGroup, Permission
from apps.capture.models import Submission
from apps.capture.quarantine import restore_quarantined
from apps.capture.screening import SIGN_WORDS
from apps.capture.sight import refuse_hidden, visible_submissions
from leadcrm.admin_registers import ReadOnlyAdmin
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class SubmissionAdmin(ReadOnlyAdmin):
    """Every delivery with its three times and its verdict."""

    view_permission = Permission.SUBMISSION_READ
    tells: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("source", "source_typed", "party", "capture_method", "form_version"), FieldGroup.MARKETING
    )
    deeds = ("restore",)
    change_form_outer_after_template = "admin/capture/submission/verbs.html"
    list_display = ("received_at", "source", "party", "external_id", "door", "state", "verdict", "is_test")
    list_filter = ("state", "verdict", "source", "party", "is_test")
    list_select_related = ("source", "party")
    search_fields = ("external_id",)
    ordering = ("-received_at",)
    fields = (
        "source",
        "source_typed",
        "external_id",
        "party",
        "door",
        "capture_method",
        "event_at",
        "received_at",
        "stored_at",
        "clock_skew_seconds",
        "mapping_version",
        "raw_digest",
        "is_test",
        "state",
        "processed_at",
        "verdict",
        "because",
        "form_version",
        "spam_signs",
        "lead_id",
        "counted_as_delivered",
    )
    readonly_fields = ("because", "spam_signs")

    @display(description="reasons")
    def because(self, row: Submission) -> str:
        """List what the intake found, in words."""
        return " ".join(str(each.get("detail", "")) for each in row.reasons if isinstance(each, dict))

    @display(description="signs of spam")
    def spam_signs(self, row: Submission) -> str:
        """List what spoke for a machine, with its weight, and the sum."""
        found = [each for each in row.screening.get("signs", []) if isinstance(each, dict)]
        lines = [f"{SIGN_WORDS.get(each['sign'], each['sign'])} ({each['weight']})" for each in found]
        return f"{'; '.join(lines)}: {row.screening['score']} in all" if lines else ""

    def restore(self, request: ActorRequest, row: Submission) -> None:
        """Let a quarantined submission go on to the intake."""
        restore_quarantined(actor=request.actor, submission_id=row.pk)
        messages.success(request, "It is let through and goes the way of every inquiry.")

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Leave the sealed body in the database, and out what came through other teams' forms and lists."""
        return super().get_queryset(request).filter(visible_submissions(request.actor)).defer("raw")

    def get_object(self, request: ActorRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a submission; one of another team's form is refused with whose the form is."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            refuse_hidden(request.actor, object_id)
        return row


site.register(Submission, SubmissionAdmin)
