"""The register of leads.

A lead's locked fields obey the one decision of every door: whoever may not change them sees them
fixed, with the sentence that says who owns the lead and how to ask. A request that sends them all
the same is refused and audited, whatever the page showed.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib.admin import display
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.terms import FieldGroup, Permission
from apps.flows.notes import EDITABLE, edit_lead
from apps.flows.reopening import reopen_lead
from apps.flows.stages import move_lead
from apps.leads.decisions import possible_moves
from apps.leads.models import Lead, Stage
from apps.leads.queries import stages_of
from apps.leads.terms import StageKey
from apps.ownership.queries import lead_for, lead_to_change, require_change, verdicts, visible_leads
from apps.ownership.terms import ChangeVerdict
from apps.policies.queries import live_document
from apps.tenancy.errors import Invalid, NotFound, Problem
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

#: Columns that have verbs of their own; the stage is the one that this page can move.
LOCKED = (
    "stage",
    "status",
    "outcome",
    "closure_reason",
    "closed_at",
    "owner_team",
    "owner",
    "queue",
    "priority",
)
REASONS = frozenset({"stage_reason", "reopen_reason"})
ELSEWHERE = "Changed by its own step on the lead's page."


class LeadForm(RegisterForm):
    """The few fields that are corrected here; the version notices a colleague's change in between."""

    stage_reason = forms.CharField(
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        label="Reason for the move",
        help_text="What a change of stage rests on.",
    )
    reopen_reason = forms.CharField(
        required=False,
        max_length=250,
        widget=UnfoldAdminTextInputWidget,
        label="Reopen, because",
        help_text="Why a closed lead is taken up again.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in EDITABLE.items():
            if words and name in self.fields:
                options = [(word, word or "not known") for word in words]
                self.fields[name] = forms.ChoiceField(choices=options, required=False, widget=UnfoldAdminSelectWidget)


class LeadAdmin(ActorModelAdmin):
    """Leads that the actor may see. None is made or deleted here, and nothing is changed in bulk."""

    form = LeadForm
    view_permission = Permission.LEAD_VIEW
    can_add = False
    key_field = ""
    noted_read = "lead"
    tells: ClassVar[Mapping[str, str]] = {
        "person": FieldGroup.CONTACT,
        "service": FieldGroup.HEALTH,
        "source": FieldGroup.MARKETING,
        "campaign": FieldGroup.MARKETING,
        "capture_method": FieldGroup.MARKETING,
        "appointment_type": FieldGroup.HEALTH,
        "payer": FieldGroup.INSURANCE,
        "outcome": FieldGroup.OUTCOME,
        "closure_reason": FieldGroup.OUTCOME,
    }
    list_display = (
        "reference",
        "person",
        "stage",
        "status_now",
        "owner_team",
        "owner_name",
        "queue",
        "source",
        "service",
        "priority",
        "captured",
    )
    list_filter = (
        "stage",
        "status",
        "timed_status",
        "owner_team",
        "queue",
        "source",
        "service",
        "priority",
        "validity",
        "is_test",
    )
    list_select_related = ("person", "stage", "owner_team", "owner__user", "queue", "source", "service")
    search_fields = ("=number", "person__name_key")
    ordering = ("-number",)
    shown: ClassVar[tuple[str, ...]] = (
        "reference",
        "person",
        "lead_class",
        "source",
        "campaign",
        "capture_method",
        "captured_at",
        "service",
        "location",
        "validity",
        "hold_reason",
        "exception",
        "fit",
        "intent",
        "owner_since",
        "attempts",
        "due_at",
        "next_action_at",
        "timed_status",
        "timed_since",
    )
    fieldsets = (
        (
            "Where it is",
            {
                "fields": (
                    "reference",
                    "stage",
                    "stage_reason",
                    "reopen_reason",
                    "status",
                    "timed_status",
                    "timed_since",
                    "outcome",
                    "closure_reason",
                    "closed_at",
                )
            },
        ),
        ("Who owns it", {"fields": ("owner_team", "owner", "queue", "priority", "owner_since", "version")}),
        (
            "What was asked",
            {
                "fields": (
                    "person",
                    "lead_class",
                    "service",
                    "location",
                    *EDITABLE,
                    "source",
                    "campaign",
                    "capture_method",
                    "captured_at",
                )
            },
        ),
        (
            "How it stands",
            {
                "fields": (
                    "validity",
                    "hold_reason",
                    "exception",
                    "fit",
                    "intent",
                    "attempts",
                    "due_at",
                    "next_action_at",
                )
            },
        ),
    )

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Return what the actor's teams may see, as on every other page."""
        return visible_leads(request.actor).select_related(*self.list_select_related).order_by(*self.ordering)

    def has_change_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """Say whether at least one field is the actor's to change."""
        if not request.actor.may(Permission.LEAD_EDIT):
            return False
        return obj is None or any(each.allowed for each in self.verdicts(request, obj).values())

    def verdicts(self, request: ActorRequest, lead: Lead) -> dict[str, ChangeVerdict]:
        """Return the verdict for each field of the page, asked once per request."""
        kept: dict[Any, dict[str, ChangeVerdict]] = request.__dict__.setdefault("lead_verdicts", {})
        if lead.pk not in kept:
            kept[lead.pk] = verdicts(request.actor, lead, (*LOCKED, *EDITABLE), now=request.now)
        return kept[lead.pk]

    def get_readonly_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix what the actor may not change, and what has a verb elsewhere."""
        if obj is None:
            return (*self.shown, *LOCKED, *EDITABLE)
        mine = {name for name, each in self.verdicts(request, obj).items() if each.allowed}
        fixed = [name for name in LOCKED if name != "stage" or name not in mine or obj.closed_at is not None]
        return (*self.shown, *fixed, *(name for name in EDITABLE if name not in mine))

    def get_fieldsets(self, request: ActorRequest, obj: Any = None) -> Any:
        """Ask for a reason only where the stage can be moved."""
        sets = super().get_fieldsets(request, obj)
        if obj is not None and self.has_change_permission(request, obj):
            is_mine = self.verdicts(request, obj)["stage"].allowed
            left_out = {"stage_reason" if obj.closed_at else "reopen_reason"} if is_mine else REASONS
        else:
            left_out = {*REASONS, "version"}
        return [
            (name, {**options, "fields": tuple(each for each in options["fields"] if each not in left_out)})
            for name, options in sets
        ]

    def get_form(self, request: ActorRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Put each field's sentence below it."""
        if obj is not None:
            words = {name: each.sentence for name, each in self.verdicts(request, obj).items() if not each.allowed}
            kwargs["help_texts"] = {**{name: ELSEWHERE for name in LOCKED if name != "stage"}, **words}
        return super().get_form(request, obj, change=change, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the stages that the lead may move to."""
        if db_field.name == "stage":
            kwargs["queryset"] = self._next_stages(cast(ActorRequest, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: ActorRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Refuse a request that sends a field which is not the actor's."""
        lead = self.get_object(request, object_id or "") or self._refuse_unseen(request, object_id or "")
        if request.method == "POST":
            self._refuse_locked(request, lead)
        request.__dict__["lead"] = lead
        return super().changeform_view(request, object_id, form_url, extra_context)

    def keep(self, request: ActorRequest, obj: Lead, data: dict[str, Any], parts: Parts) -> Model:
        """Correct fields and move the stage, each by the verb of every door."""
        before: Lead = request.__dict__["lead"]
        act: dict[str, Any] = {
            "actor": request.actor,
            "lead_id": before.pk,
            "now": request.now,
            "version": data.get("version"),
        }
        wanted = {name: data[name] for name in EDITABLE if name in data}
        changes = {name: value for name, value in wanted.items() if value != getattr(before, name)}
        if changes:
            act["version"] = edit_lead(changes=changes, **act).version
        if data.get("reopen_reason", "").strip():
            reopen_lead(reason=data["reopen_reason"], **act)
        stage: Stage | None = data.get("stage")
        if stage is not None and stage.pk != before.stage_id:
            move_lead(to_stage=stage.key, reason=data.get("stage_reason", ""), **act)
        return before

    @display(description="lead", ordering="number")
    def reference(self, row: Lead) -> str:
        """Return the reference people say aloud."""
        return row.ref

    @display(description="status")
    def status_now(self, row: Lead) -> str:
        """Return what is true now, the clock's word before what was done."""
        return row.status_now.replace("_", " ")

    @display(description="captured", ordering="captured_at")
    def captured(self, row: Lead) -> str:
        """Return when the lead came, in the tenant's zone, without the year."""
        return f"{timezone.localtime(row.captured_at):%d %b, %H:%M}"

    @display(description="owner", ordering="owner")
    def owner_name(self, row: Lead) -> str:
        """Name the owner in the team."""
        return row.owner.user.name if row.owner else ""

    def _refuse_unseen(self, request: ActorRequest, object_id: str) -> Lead:
        """Tell a colleague whose lead it is, by the locked field they sent or for the look alone."""
        try:
            lead = lead_to_change(request.actor, UUID(object_id))
        except ValueError:
            raise NotFound from None
        if request.method == "POST":
            self._refuse_locked(request, lead)
        return lead_for(request.actor, lead.id)

    def _refuse_locked(self, request: ActorRequest, lead: Lead) -> None:
        asked = tuple(
            name for name in (*LOCKED, *EDITABLE) if name in request.POST and request.POST[name] != _as_sent(lead, name)
        )
        require_change(request.actor, lead, asked, now=request.now, action="lead.edit")
        for name in asked:
            if name in LOCKED and name != "stage":
                raise Invalid("Not here.", (Problem(f"/{name}", "not_editable", ELSEWHERE),))

    def _next_stages(self, request: ActorRequest) -> QuerySet[Stage]:
        lead: Lead | None = request.__dict__.get("lead")
        if lead is None:
            return Stage.rows()
        moves = possible_moves(lead.stage.key, live_document("gates", request.now))
        keys = {move.to_stage for move in moves} - {StageKey.NOT_QUALIFIED, StageKey.CLOSED} | {lead.stage.key}
        return Stage.rows().filter(id__in=[each.pk for each in stages_of(lead) if each.key in keys])


def _as_sent(lead: Lead, name: str) -> str:
    """Return the present value as a form sends it."""
    value = getattr(lead, f"{name}_id" if lead._meta.get_field(name).is_relation else name)
    return "" if value is None else str(value)


site.register(Lead, LeadAdmin)
