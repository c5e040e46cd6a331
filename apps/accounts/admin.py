"""Registers of accounts: roles, parties and API keys. Teams and people are in catalog and flows."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import display as labelled
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from apps.accounts.actions import save_party, save_role
from apps.accounts.keys import NewKey, create_key, revoke_key, roll_key
from apps.accounts.models import ApiKey, Membership, Party, Role
from apps.accounts.saving import save_row
from apps.accounts.terms import AGENCY_SCOPES, FieldGroup, KeyMode, Permission, choices
from apps.tenancy.errors import Invalid, Problem
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

OVERLAPS = [("0", "ends at once"), ("24", "one day"), ("168", "one week"), ("720", "30 days")]


class RoleForm(RegisterForm):
    """Rights and hidden fields as boxes to tick."""

    permissions = forms.MultipleChoiceField(
        choices=choices(Permission), widget=UnfoldAdminCheckboxSelectMultipleWidget, required=False
    )
    hidden_field_groups = forms.MultipleChoiceField(
        choices=choices(FieldGroup),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        help_text="Fields of these groups are not shown to people with this role.",
    )
    read_only_field_groups = forms.MultipleChoiceField(
        choices=choices(FieldGroup),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        help_text="Fields of these groups are shown to people with this role, and not changed by them.",
    )


class RoleAdmin(ActorModelAdmin):
    """Who may do what."""

    form = RoleForm
    list_display = ("name", "key", "rights")
    ordering = ("name",)
    fields = ("key", "name", "permissions", "hidden_field_groups", "read_only_field_groups")

    @display(description="rights")
    def rights(self, row: Role) -> int:
        """Count the permissions."""
        return len(row.permissions)

    def keep(
        self,
        request: ActorRequest,
        obj: Role,
        data: dict[str, Any],
        parts: Parts,
    ) -> Model:
        """Save the role."""
        return save_role(
            actor=request.actor,
            key=self.find(obj)["key"],
            name=data["name"],
            permissions=data["permissions"],
            hidden_field_groups=data["hidden_field_groups"],
            read_only_field_groups=data["read_only_field_groups"],
        ).row


class PartyAdmin(ActorModelAdmin):
    """Agencies, partner clinics, employers and payers around the tenant."""

    list_display = ("name", "key", "kind", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "kind", "is_active", "agreement")

    def keep(
        self,
        request: ActorRequest,
        obj: Party,
        data: dict[str, Any],
        parts: Parts,
    ) -> Model:
        """Save the party; its keys stop working while it is off."""
        find, values = self.find(obj), {**self.values(data), "agreement": data["agreement"] or {}}
        if not values.pop("is_active"):
            return save_row(Party, actor=request.actor, find=find, values={**values, "is_active": False}).row
        return save_party(actor=request.actor, **find, **values).row


class ApiKeyForm(RegisterForm):
    """What a new key may do, and whose it is."""

    scopes = forms.MultipleChoiceField(
        choices=choices(Permission),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=f"An agency's key carries {', '.join(AGENCY_SCOPES)}. "
        "A person's key never does more than the person may.",
    )
    mode = forms.ChoiceField(
        choices=choices(KeyMode),
        widget=UnfoldAdminSelectWidget,
        help_text="A test key delivers test leads only.",
    )


class ApiKeyAdmin(ActorModelAdmin):
    """Keys of programs. A secret is shown once, right after the key is made, and kept nowhere."""

    form = ApiKeyForm
    view_permission = write_permission = Permission.KEY_MANAGE
    key_field = ""
    called = "API keys"
    list_display = ("name", "prefix", "holder", "mode", "created_at", "last_used_at", "expires_at", "state")
    list_filter = ("mode", "party")
    list_select_related = ("party", "membership__user")
    search_fields = ("name", "prefix")
    ordering = ("-created_at",)
    fields = ("name", "party", "membership", "mode", "scopes", "per_minute", "expires_at")
    deeds = ("roll", "revoke")
    change_form_outer_after_template = "admin/accounts/apikey/verbs.html"
    shown: ClassVar[tuple[str, ...]] = (
        "name",
        "prefix",
        "holder",
        "mode",
        "scopes",
        "per_minute",
        "created_at",
        "expires_at",
        "last_used_at",
        "state",
        "replaced_by",
    )

    def get_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """A key that exists is shown, not edited."""
        return self.shown if obj else self.fields

    def get_readonly_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Nothing of a made key changes, but for its end."""
        return self.shown if obj else ()

    def has_change_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """A key that exists has no fields to save; rolling and revoking have verbs of their own."""
        return obj is None and super().has_change_permission(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer people with access only."""
        if db_field.name == "membership":
            kwargs["queryset"] = Membership.rows().filter(is_active=True).select_related("user")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description="belongs to")
    def holder(self, row: ApiKey) -> str:
        """Name the party or the person."""
        return str(row.party or row.membership or "")

    @labelled(description="state", label={"active": "success", "revoked": "danger", "rolled": "warning"})  # type: ignore[untyped-decorator]
    def state(self, row: ApiKey) -> str:
        """Say whether the key was revoked or has a successor."""
        if row.revoked_at:
            return "revoked"
        return "rolled" if row.replaced_by_id else "active"

    def keep(
        self,
        request: ActorRequest,
        obj: ApiKey,
        data: dict[str, Any],
        parts: Parts,
    ) -> Model:
        """Make the key; its secret stays on the request until the answer has shown it."""
        made = create_key(
            actor=request.actor,
            name=data["name"],
            scopes=data["scopes"],
            now=request.now,
            party=data["party"],
            membership=data["membership"],
            mode=KeyMode(data["mode"]),
            expires_at=data["expires_at"],
            per_minute=data["per_minute"],
        )
        request.made = made  # type: ignore[attr-defined]
        return made.row

    def response_add(self, request: ActorRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the secret in this answer; a redirect would have to store it on the way."""
        return self._once(request, request.made)  # type: ignore[attr-defined]

    def roll(self, request: ActorRequest, row: ApiKey) -> HttpResponse:
        """Make a successor; the old key works on for the chosen overlap."""
        hours = request.POST.get("hours", "24")
        if hours not in dict(OVERLAPS):
            raise Invalid("Choose one of the overlaps.", (Problem("/hours", "unknown", "Not one of the choices."),))
        return self._once(
            request,
            roll_key(actor=request.actor, key_id=row.pk, overlap=timedelta(hours=int(hours)), now=request.now),
        )

    def revoke(self, request: ActorRequest, row: ApiKey) -> None:
        """End the key at once."""
        revoke_key(actor=request.actor, key_id=row.pk, now=request.now)
        messages.success(request, f"{row.name} is revoked. Requests with it are refused from now on.")

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Offer the overlaps beside the key."""
        answer: HttpResponse = super().render_change_form(request, {**context, "overlaps": OVERLAPS}, **kwargs)
        return answer

    def _once(self, request: ActorRequest, made: NewKey) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": made.row.name,
            "made": made,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/apikey/secret.html", context)


site.register(Role, RoleAdmin)
site.register(Party, PartyAdmin)
site.register(ApiKey, ApiKeyAdmin)
