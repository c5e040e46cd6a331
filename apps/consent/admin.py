"""Registers of consent: the ledger of permissions, read only, and the do-not-contact list."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import EmptyFieldListFilter
from django.db.models import Model
from django.http import HttpResponse

from apps.accounts.saving import require_settings, save_row
from apps.accounts.terms import FieldGroup, Permission
from apps.consent.models import ConsentEvent, DoNotContact
from apps.tenancy.errors import Conflict, Invalid, Problem
from leadcrm.admin_registers import ActorModelAdmin, Parts, ReadOnlyAdmin
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


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
        "expires_at",
    )


class DoNotContactAdmin(ActorModelAdmin):
    """Numbers, addresses and people that nobody contacts. An entry ends; it is not removed."""

    view_permission = Permission.LEAD_VIEW_ALL
    key_field = ""
    called = "do-not-contact list"
    noted_read = "do_not_contact"
    of_group = FieldGroup.CONTACT
    deeds = ("end",)
    change_form_outer_after_template = "admin/consent/donotcontact/verbs.html"
    list_display = ("value", "kind", "channel", "reason", "added_by", "added_at", "ended_at")
    list_filter = ("kind", "channel", ("ended_at", EmptyFieldListFilter))
    search_fields = ("value",)
    ordering = ("-added_at",)
    fields = ("kind", "value", "reason")

    def has_change_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """An entry that exists is only ended, by its own verb."""
        return obj is None and super().has_change_permission(request)

    def get_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Show who added an entry that exists."""
        return (*self.fields, "channel", "added_by", "added_at", "ended_at") if obj else self.fields

    def keep(
        self,
        request: ActorRequest,
        obj: DoNotContact,
        data: dict[str, Any],
        parts: Parts,
    ) -> Model:
        """Put a number, an address or a person's id on the list."""
        value = data["value"].strip().lower()
        find = {"kind": data["kind"], "value": value, "channel": "", "ended_at": None}
        if DoNotContact.rows().filter(**find).exists():
            raise Invalid("Listed.", (Problem("/value", "taken", "This is on the list already."),))
        also = {"added_by": request.actor.label, "added_at": request.now}
        return save_row(DoNotContact, actor=request.actor, find=find, values={"reason": data["reason"]}, also=also).row

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Offer the end of an entry to who may write settings."""
        more = {**context, "may_end": request.actor.may(self.write_permission)}
        answer: HttpResponse = super().render_change_form(request, more, **kwargs)
        return answer

    def end(self, request: ActorRequest, row: DoNotContact) -> None:
        """Take the entry off the list; the row stays with its end."""
        require_settings(request.actor, "donotcontact")
        if row.ended_at is not None:
            raise Conflict("This entry has ended already.")
        save_row(DoNotContact, actor=request.actor, find={"id": row.pk}, values={"ended_at": request.now})
        messages.success(request, f"{row.value} is off the list.")


site.register(ConsentEvent, ConsentEventAdmin)
site.register(DoNotContact, DoNotContactAdmin)
