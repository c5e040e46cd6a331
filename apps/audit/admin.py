"""The register of the audit ledger: read, never written."""

import json
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import SimpleListFilter, display
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.terms import Permission
from apps.audit.models import AuditEntry
from leadcrm.admin_registers import ReadOnlyAdmin
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class _Seen(SimpleListFilter):
    """A filter over the values that the tenant's ledger holds."""

    column: ClassVar[str]

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what occurs, at most two hundred values."""
        values = AuditEntry.rows().order_by(self.column).values_list(self.column, flat=True).distinct()
        return [(each, each) for each in values[:200] if each]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the entries with the chosen value."""
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class ActionFilter(_Seen):
    """By what was done."""

    title = parameter_name = column = "action"


class ActorFilter(_Seen):
    """By who did it."""

    title = "actor"
    parameter_name = column = "actor_label"


class ObjectFilter(_Seen):
    """By the kind of thing it was done to."""

    title = "object"
    parameter_name = column = "object_type"


class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did, read or was refused what, from which door; the words of a change are ids and field names."""

    view_permission = Permission.AUDIT_READ
    called = "audit entries"
    list_display = ("seq", "at", "actor_label", "door", "action", "object_type", "object_id", "named_fields")
    list_filter = (ActionFilter, ActorFilter, ObjectFilter, "door")
    search_fields = ("object_id",)
    search_help_text = "The id of an object, an act or a request"
    ordering = ("-seq",)
    list_per_page = 25
    fields = (
        "seq",
        "at",
        "actor_kind",
        "actor_label",
        "actor_id",
        "party_id",
        "door",
        "action",
        "object_type",
        "object_id",
        "named_fields",
        "told",
        "event_id",
        "request_id",
        "previous_hash",
        "hash",
    )
    readonly_fields = ("named_fields", "told")

    def get_search_results(
        self, request: ActorRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by id: exactly, so that an index serves it."""
        word = search_term.strip()
        if not word:
            return queryset, False
        try:
            wanted = UUID(word)
        except ValueError:
            return queryset.filter(request_id=word), False
        by_id = Q(object_id=wanted) | Q(event_id=wanted) | Q(request_id=word) | Q(detail__ids__contains=[str(wanted)])
        return queryset.filter(by_id), False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Let history links name an object."""
        return lookup == "object_id" or super().lookup_allowed(lookup, value, request)

    @display(description="fields")
    def named_fields(self, row: AuditEntry) -> str:
        """List the fields that changed or were shown."""
        return ", ".join(row.fields)

    @display(description="detail")
    def told(self, row: AuditEntry) -> SafeString:
        """Show ids, keys and counts of the act."""
        return format_html("<pre>{}</pre>", json.dumps(row.detail, indent=2, ensure_ascii=False))


site.register(AuditEntry, AuditEntryAdmin)
