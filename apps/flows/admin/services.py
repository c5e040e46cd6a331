"""The registers of the service menu: services with their use, and the workflows by which they get scheduled."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse

from apps.catalog.actions import save_service
from apps.catalog.menu import approve_service, save_workflow
from apps.catalog.models import Offering, SchedulingWorkflow, Service
from apps.catalog.queries import least_use, most_services
from apps.catalog.terms import USE_DAYS
from apps.leads.models import Lead
from leadcrm.admin_registers import ActorInline, ActorModelAdmin, Parts
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class OfferingInline(ActorInline):
    """Where the service is offered."""

    model = Offering
    fields = ("location", "is_specialty", "established_only")


class ServiceAdmin(ActorModelAdmin):
    """Services: what each is, for whom, where, how it gets scheduled, and how much it is used."""

    inlines = (OfferingInline,)
    deeds = ("approve",)
    change_form_outer_after_template = "admin/flows/service_verbs.html"
    list_display = ("name", "key", "kind", "workflow", "owner", "accepts_new_patients", "used", "is_active")
    list_filter = ("kind", "is_active", "accepts_new_patients")
    list_select_related = ("workflow", "owner")
    search_fields = ("name", "key")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("key", "name", "kind", "synonyms", "appointment_types", "is_active")}),
        ("Who it is for", {"fields": ("accepts_new_patients", ("min_age", "max_age"), "eligibility", "skills")}),
        ("How it gets scheduled", {"fields": ("workflow", "owner", "effective_on", "slot_days")}),
    )

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Count beside each service the leads of the last thirty days that ask for it."""
        since = request.now - timedelta(days=USE_DAYS)
        recent = Lead.rows().filter(service_id=OuterRef("id"), captured_at__gte=since, is_test=False).order_by()
        counted = recent.values("service_id").annotate(leads=Count("id")).values("leads")
        rows: QuerySet[Any] = super().get_queryset(request)
        found: QuerySet[Any] = rows.annotate(leads_lately=Coalesce(Subquery(counted), 0))
        return found

    @display(description=f"leads, {USE_DAYS} days")
    def used(self, row: Any) -> str:
        """Return how many leads asked for it lately, and whether that is few."""
        least = least_use()
        if row.is_active and row.leads_lately < least:
            return f"{row.leads_lately} (at least {least} advised)"
        return str(row.leads_lately)

    def changelist_view(self, request: ActorRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the services; say where there are more than advised, and which wait for approval."""
        if request.method == "GET":
            self._advise(request)
        return super().changelist_view(request, extra_context)

    def keep(self, request: ActorRequest, obj: Any, data: dict[str, Any], parts: Parts) -> Model:
        """Save the service with exactly the offices listed, and say what is advised against."""
        row = save_service(
            actor=request.actor,
            **self.find(obj),
            values=self.values(data),
            locations=[part["location"] for part in parts[Offering]],
            specialty_at=[part["location"] for part in parts[Offering] if part["is_specialty"]],
            established_only_at=[part["location"] for part in parts[Offering] if part["established_only"]],
        ).row
        if row.proposed_by and not row.is_active:
            sentence = (
                f"{most_services()} advised: “{row.name}” is one more. It counts when another person approves it."
            )
            messages.warning(request, sentence)
        if not obj._state.adding and row.is_active and obj.leads_lately < least_use():
            sentence = (
                f"“{row.name}” is little used: {obj.leads_lately} leads in {USE_DAYS} days, {least_use()} advised."
            )
            messages.warning(request, sentence)
        return row

    def approve(self, request: ActorRequest, row: Service) -> None:
        """Let a service count that is one more than advised."""
        approve_service(actor=request.actor, service=row)
        messages.success(request, f"{row.name} counts from now on.")

    def _advise(self, request: ActorRequest) -> None:
        rows = list(Service.rows().filter(Q(is_active=True) | ~Q(proposed_by="")).order_by("name"))
        active = [row for row in rows if row.is_active]
        if len(active) > most_services():
            messages.warning(request, f"{len(active)} services; {most_services()} advised.")
        for row in rows:
            if row.proposed_by and not row.is_active:
                messages.info(request, f"“{row.name}” waits for approval by another person.")


class WorkflowAdmin(ActorModelAdmin):
    """How services get scheduled: our own schedule, another system, or a call back, and by which team."""

    called = "scheduling workflows"
    list_display = ("name", "key", "kind", "team", "system", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "key", "system")
    ordering = ("name",)
    fields = ("key", "name", "kind", "team", "system", "is_active")

    def keep(self, request: ActorRequest, obj: Any, data: dict[str, Any], parts: Parts) -> Model:
        """Save the workflow; switching it off is the same verb's to refuse."""
        return save_workflow(actor=request.actor, **self.find(obj), values=self.values(data)).row


site.register(Service, ServiceAdmin)
site.register(SchedulingWorkflow, WorkflowAdmin)
