"""Registers of consent: the ledger of permissions, read only, and the do-not-contact list."""

from collections.abc import Mapping
from typing import ClassVar

from apps.accounts.terms import FieldGroup, Permission
from apps.consent.models import ConsentEvent
from leadcrm.admin_registers import ReadOnlyAdmin
from leadcrm.admin_site import site


class ConsentEventAdmin(ReadOnlyAdmin):
    """Permissions with their evidence. A grant is recorded by the maintaining team on the lead's page."""

    view_permission = Permission.LEAD_VIEW_ALL
    noted_read = "consent_event"
    of_group = FieldGroup.CONSENT
    tells: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("person", "contact_value"), FieldGroup.CONTACT),
        **dict.fromkeys(("source", "recorded_by"), FieldGroup.MARKETING),
    }
    list_display = (
        "recorded_at",
        "person",
        "channel",
        "purpose",
        "value",
        "source",
        "recorded_by",
        "wording_version",
    )
    list_filter = ("channel", "value", "purpose", "source")
    list_select_related = ("person",)
    search_fields = ("contact_value",)
    ordering = ("-recorded_at",)
    fields = (
        "person",
        "contact_value",
        "channel",
        "purpose",
        "value",
        "recorded_at",
        "captured_at",
        "source",
        "recorded_by",
        "reason",
        "wording_version",
        "evidence_kind",
        "evidence_ref",
        "evidence",
        "this_inquiry_only",
        "expires_at",
    )
    readonly_fields = ("reason", "evidence")


site.register(ConsentEvent, ConsentEventAdmin)
