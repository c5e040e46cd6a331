"""The registers of outside systems: which there are, what each was told, and what it could not be told."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Model
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.accounts.terms import Permission
from apps.catalog.models import OutsideSystem
from apps.catalog.outside import save_system
from apps.flows.outward import told_by_hand, try_again
from apps.leads.models import OutsideUpdate
from apps.tenancy.errors import Refused
from leadcrm.admin_registers import ActorModelAdmin, Parts, ReadOnlyAdmin, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class SystemForm(RegisterForm):
    """A system with the secret that signs what it is sent; the secret is written, never shown."""

    secret = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Signs each message (X-Leadcrm-Signature). Leave empty to keep the one that is set.",
    )


class SystemAdmin(ActorModelAdmin):
    """Systems beside ours that hear where leads are; the stage gates say of which moves."""

    form = SystemForm
    called = "outside systems"
    list_display = ("name", "key", "adapter", "api_key", "is_active")
    list_filter = ("adapter", "is_active")
    list_select_related = ("api_key",)
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "adapter", "address", "secret", "api_key", "is_active")

    def keep(self, request: ActorRequest, obj: Any, data: dict[str, Any], parts: Parts) -> Model:
        """Save the system, and its secret where one was written."""
        secret = data.get("secret", "")
        return save_system(actor=request.actor, **self.find(obj), values=self.values(data), secret=secret).row


class UpdateAdmin(ReadOnlyAdmin):
    """What outside systems were told of leads' stages; what failed can be tried again or told by hand."""

    called = "updates to outside systems"
    view_permission = Permission.SETTINGS_READ
    list_display = ("lead", "system", "stage", "state", "attempts", "next_at", "problem", "entered_at")
    list_filter = ("state", "system", "stage")
    list_select_related = ("lead", "system", "stage")
    search_fields = ("=lead__number",)
    ordering = ("-entered_at", "-id")
    fields = (
        *("lead_ref", "system", "stage", "event", "entered_at", "state"),
        *("attempts", "next_at", "problem", "reference", "finished_at"),
    )
    readonly_fields = ("lead_ref",)
    deeds: ClassVar[tuple[str, ...]] = ("try_again", "told_by_hand")
    change_form_outer_after_template = "admin/flows/outside_verbs.html"

    @display(description="lead")
    def lead_ref(self, row: OutsideUpdate) -> str:
        """Return the reference people say aloud."""
        return str(row.lead.ref)

    def try_again(self, request: ActorRequest, row: OutsideUpdate) -> None:
        """Tell the system once more."""
        self._require(request)
        try_again(actor=request.actor, update=row, now=request.now)
        messages.success(request, _("It is told again within seconds."))

    def told_by_hand(self, request: ActorRequest, row: OutsideUpdate) -> None:
        """Say that a person told the system."""
        self._require(request)
        told_by_hand(actor=request.actor, update=row, now=request.now)
        messages.success(request, _("Noted: the system has been told."))

    def _require(self, request: ActorRequest) -> None:
        if not request.actor.may(Permission.SETTINGS_WRITE):
            raise Refused(self.refusal("save"), action="outsideupdate.save", object_type="outsideupdate")


site.register(OutsideSystem, SystemAdmin)
site.register(OutsideUpdate, UpdateAdmin)
