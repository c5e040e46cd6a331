"""The register of the do-not-contact list: who is put on it is stopped at once."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import EmptyFieldListFilter
from django.db.models import Model
from django.http import HttpResponse

from apps.accounts.terms import FieldGroup, Permission
from apps.consent.models import DoNotContact
from apps.flows.barring import bar, lift
from leadcrm.admin_registers import ActorModelAdmin, Parts
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


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
        """Put a number, an address or a person's id on the list, and stop what is on its way to them."""
        return bar(actor=request.actor, kind=data["kind"], typed=data["value"], reason=data["reason"], now=request.now)

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Offer the end of an entry to who may write settings."""
        more = {**context, "may_end": request.actor.may(self.write_permission)}
        answer: HttpResponse = super().render_change_form(request, more, **kwargs)
        return answer

    def end(self, request: ActorRequest, row: DoNotContact) -> None:
        """Take the entry off the list; the row stays with its end."""
        lift(actor=request.actor, row=row, now=request.now)
        messages.success(request, f"{row.value} is off the list.")


site.register(DoNotContact, DoNotContactAdmin)
