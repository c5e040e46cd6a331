"""The registers of outside systems: which there are, what each was told or could not be told, what they report."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import SimpleListFilter, display
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from apps.accounts.terms import Permission
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.models import OutsideSystem
from apps.catalog.outside import PUSHED, save_system
from apps.catalog.terms import FieldUse
from apps.flows.outward import told_by_hand, try_again
from apps.flows.reported import label_of, look_at_report
from apps.leads.models import OutsideReport, OutsideUpdate
from apps.leads.terms import LEFT_AS_IT_WAS
from apps.tenancy.errors import Problem, Refused
from leadcrm.admin_registers import ActorModelAdmin, Parts, ReadOnlyAdmin, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

HELP = {
    "address": "Where signed messages go (https://…). Told by hand, a system needs none.",
    "api_key": "The key with which the system reports back to us; empty where it reports nothing.",
}


class SystemForm(RegisterForm):
    """A system with the secret that signs what it is sent; the secret is written, never shown."""

    secret = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Signs each message (X-Leadcrm-Signature). Leave empty to keep the one that is set.",
    )

    fields_heard = forms.MultipleChoiceField(
        required=False,
        label="Fields",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        choices=[(name, STANDARD_FIELDS[name].label) for name in PUSHED],
        help_text="What it hears of a person beside the lead's stage. Each transfer is kept with its fields.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "purpose" in self.fields:
            self.fields["purpose"].required = False
        if "fields_heard" in self.fields and self.instance is not None:
            self.fields["fields_heard"].initial = list(self.instance.fields)

    def spoken(self, problem: Problem) -> tuple[str | None, str]:
        """Show what is wrong with the fields beside them."""
        place = "/fields_heard" if problem.pointer == "/fields" else problem.pointer
        return super().spoken(replace(problem, pointer=place))


class SystemAdmin(ActorModelAdmin):
    """Systems beside ours that hear where leads are; the stage gates say of which moves."""

    form = SystemForm
    called = "outside systems"
    list_display = ("name", "key", "adapter", "api_key", "is_active")
    list_filter = ("adapter", "is_active")
    list_select_related = ("api_key",)
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "adapter", "address", "secret", "fields_heard", "purpose", "api_key", "is_active")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Say what the address and the key are for."""
        if db_field.name in HELP:
            kwargs["help_text"] = HELP[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def keep(self, request: ActorRequest, obj: Any, data: dict[str, Any], parts: Parts) -> Model:
        """Save the system, and its secret where one was written."""
        secret, values = data.get("secret", ""), {**self.values(data), "fields": data["fields_heard"]}
        values["purpose"] = values.get("purpose") or FieldUse.CARE
        return save_system(actor=request.actor, **self.find(obj), values=values, secret=secret).row


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


class IsWaiting(SimpleListFilter):
    """Reports that changed nothing and that nobody has looked at yet."""

    title = "to look at"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the one choice beside all."""
        return [("yes", "Nobody looked yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutsideReport]) -> QuerySet[OutsideReport]:
        """Narrow the list."""
        if self.value() != "yes":
            return queryset
        return queryset.filter(seen_at__isnull=True, outcome__in=LEFT_AS_IT_WAS)


class ReportAdmin(ReadOnlyAdmin):
    """What outside systems and partners reported, beside what stood here; a person notes that they looked."""

    called = "reports of outside systems"
    view_permission = Permission.SETTINGS_READ
    list_display = (
        "lead",
        "reporter_name",
        "field",
        "said",
        "meant",
        "stood_here",
        "outcome",
        "reported_at",
        "seen_by",
    )
    list_filter = (IsWaiting, "outcome", "field", "reporter_name")
    list_select_related = ("lead",)
    search_fields = ("=lead__number",)
    ordering = ("-reported_at", "-id")
    fields = (
        *("lead_ref", "reporter_name", "field", "said", "meant", "stood_here"),
        *("outcome", "why", "reported_at", "seen_at", "seen_by"),
    )
    readonly_fields = ("lead_ref", "meant", "stood_here")
    deeds: ClassVar[tuple[str, ...]] = ("looked_at",)
    change_form_outer_after_template = "admin/flows/report_verbs.html"

    @display(description="lead")
    def lead_ref(self, row: OutsideReport) -> str:
        """Return the reference people say aloud."""
        return str(row.lead.ref)

    @display(description="means")
    def meant(self, row: OutsideReport) -> str:
        """Return our word for what was reported."""
        return label_of(row.lead, row.field, row.means) or "–"

    @display(description="stood here")
    def stood_here(self, row: OutsideReport) -> str:
        """Return what stood here when it was reported."""
        return label_of(row.lead, row.field, row.ours) or "–"

    def looked_at(self, request: ActorRequest, row: OutsideReport) -> None:
        """Note that a person looked at the difference."""
        if not request.actor.may(Permission.SETTINGS_WRITE):
            raise Refused(self.refusal("save"), action="outsidereport.save", object_type="outsidereport")
        look_at_report(actor=request.actor, row_id=row.id, now=request.now)
        messages.success(request, _("Noted: you looked at it."))


site.register(OutsideReport, ReportAdmin)
site.register(OutsideSystem, SystemAdmin)
site.register(OutsideUpdate, UpdateAdmin)
