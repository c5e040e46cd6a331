"""The register of submissions: what came in and what became of it. The sealed body is not shown here."""

from typing import Any

from django.contrib.admin import display
from django.db.models import QuerySet

from apps.accounts.terms import Permission
from apps.capture.models import Submission
from leadcrm.admin_registers import ReadOnlyAdmin
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class SubmissionAdmin(ReadOnlyAdmin):
    """Every delivery with its three times and its verdict."""

    view_permission = Permission.SUBMISSION_READ
    list_display = ("received_at", "source", "party", "external_id", "door", "state", "verdict", "is_test")
    list_filter = ("verdict", "state", "source", "party", "is_test")
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
        "lead_id",
        "counted_as_delivered",
    )
    readonly_fields = ("because",)

    @display(description="reasons")
    def because(self, row: Submission) -> str:
        """List what the intake found, in words."""
        return " ".join(str(each.get("detail", "")) for each in row.reasons if isinstance(each, dict))

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Leave the sealed body in the database."""
        return super().get_queryset(request).defer("raw")


site.register(Submission, SubmissionAdmin)
