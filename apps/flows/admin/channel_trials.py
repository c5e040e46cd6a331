"""The register of the channel mix: which channel was tried first with whom, and by which they were reached."""

from typing import ClassVar

from django.contrib.admin import EmptyFieldListFilter, display

from apps.accounts.terms import Permission
from apps.flows.channel_models import ChannelTrial
from leadcrm.admin_registers import ReadOnlyAdmin
from leadcrm.admin_site import site


class ChannelTrialAdmin(ReadOnlyAdmin):
    """Whoever named no channel: which was drawn for them among those they permit, and what came of it (row CN-15)."""

    called = "channel mix"
    view_permission: ClassVar[str] = Permission.REPORT_READ
    list_display = ("lead_ref", "channel", "among", "at", "reached_by", "reached_at")
    list_filter = ("channel", "reached_by", ("reached_at", EmptyFieldListFilter))
    list_select_related = ("lead",)
    ordering = ("-at", "-id")
    fields = ("lead_ref", "channel", "among", "at", "reached_by", "reached_at")
    readonly_fields = ("lead_ref",)

    @display(description="lead")
    def lead_ref(self, row: ChannelTrial) -> str:
        """Return the lead's number."""
        return str(row.lead.ref)


site.register(ChannelTrial, ChannelTrialAdmin)
