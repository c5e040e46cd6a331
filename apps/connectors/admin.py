"""The register of connections: a sender's address, its secrets, its mapping, what came last and what became of it."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from unfold.decorators import display as labelled
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.connectors.actions import read_again
from apps.connectors.addresses import add_secret, change_connection, open_connection, retire_secret
from apps.connectors.models import Connection, Hook
from apps.connectors.providers import providers
from apps.connectors.queries import last_hooks, token_of
from apps.connectors.rehearsing import try_sample
from apps.connectors.terms import Group, HookState, SecretPurpose
from apps.tenancy.errors import Invalid, NotFound, Problem
from leadcrm.admin_registers import ActorModelAdmin, Parts, ReadOnlyAdmin, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

CHANNELS = [("call", "call"), ("text", "text"), ("email", "e-mail")]
GROUP_WORDS = {
    Group.ADS: "Advertisements",
    Group.CALLS: "Calls and texts",
    Group.FORMS: "Forms",
    Group.CHAT: "Chats",
    Group.MAIL: "E-mail",
    Group.EXCHANGE: "Lead exchanges",
    Group.BOOKING: "Booking pages",
}
HELP = {
    "consent_version": "Version of the wording that the sender's own form shows; empty where it asks nothing.",
    "mapping": "Only what differs from the provider's own: the sender's name and our field, such as"
    ' {"svc_interest": "request.service"}. "answer" keeps a value as an answer, "-" in the raw copy only.',
    "settings": "What this provider needs beside its secrets; most need nothing.",
}
VALUES = ("name", "source", "mapping", "settings", "consent_version", "consent_channels", "is_active")


class ConnectionForm(RegisterForm):
    """Which system sends, to which source, and what its form says about consent."""

    provider = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    consent_channels = forms.MultipleChoiceField(
        required=False,
        choices=CHANNELS,
        widget=forms.CheckboxSelectMultiple,
        help_text="Channels that the sender's own form asks permission for, in the wording named above.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in HELP.items():
            if name in self.fields:
                self.fields[name].help_text = words
        for name in ("mapping", "settings"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"rows": 4, "spellcheck": "false"}
        if "provider" in self.fields:
            self.fields["provider"].choices = [  # type: ignore[attr-defined]
                (words, [(key, each.name) for key, each in providers().items() if each.group is group])
                for group, words in GROUP_WORDS.items()
            ]


class ConnectionAdmin(ActorModelAdmin):
    """Where other systems push inquiries to, and how each proves itself."""

    form = ConnectionForm
    called = "connections"
    list_display = ("name", "provider_name", "source", "is_active", "refused_count", "last_refused_at")
    list_filter = ("is_active", "source")
    list_select_related = ("source",)
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = (
        ("name", "key"),
        ("provider", "source"),
        ("consent_version", "consent_channels"),
        "mapping",
        "settings",
        "is_active",
    )
    deeds = ("add_secret", "retire_secret", "try_sample")
    change_form_outer_after_template = "admin/connectors/connection/state.html"

    def get_readonly_fields(self, request: ActorRequest, obj: Any = None) -> Any:
        """Fix the provider of an address that exists: senders call it by its name."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        return (*fixed, "provider") if obj is not None else fixed

    @display(description="provider")
    def provider_name(self, row: Connection) -> str:
        """Name the sending system."""
        known = providers().get(row.provider)
        return known.name if known else row.provider

    def keep(self, request: ActorRequest, obj: Connection, data: dict[str, Any], parts: Parts) -> Connection:
        """Open or change the connection by its actions."""
        values = {name: data[name] for name in VALUES if name in data}
        values["mapping"], values["settings"] = values.get("mapping") or {}, values.get("settings") or {}
        _require_objects(values)
        if not obj._state.adding:
            return change_connection(actor=request.actor, row=Connection.rows().get(id=obj.id), values=values)
        values.pop("is_active", None)
        return open_connection(actor=request.actor, key=data["key"], provider=data["provider"], **values)

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Show the address, the secrets and what came last below the form."""
        row = kwargs.get("obj") or context.get("original")
        if row is not None:
            spec = providers().get(row.provider)
            hooks = list(last_hooks(row))
            ledger.record_read(actor=request.actor, what="hook", object_ids=[each.id for each in hooks])
            context |= {
                "address": request.build_absolute_uri(f"/hooks/{row.provider}/{token_of(row)}/"),
                "spec": spec,
                "kept_secrets": list(row.secrets.filter(retired_at__isnull=True)),
                "hooks": hooks,
                "may_change": request.actor.may(Permission.SETTINGS_WRITE),
            }
        answer: HttpResponse = super().render_change_form(request, context, **kwargs)
        return answer

    def add_secret(self, request: ActorRequest, row: Connection) -> None:
        """Add what the sender proves itself with."""
        posted = request.POST
        purpose = posted.get("purpose") or SecretPurpose.PROOF
        add_secret(actor=request.actor, row=row, secret=posted.get("secret", ""), now=request.now, purpose=purpose)
        messages.success(request, _("The secret counts from now on."))

    def retire_secret(self, request: ActorRequest, row: Connection) -> None:
        """End a secret at once."""
        try:
            secret_id = UUID(request.POST.get("secret_id", ""))
        except ValueError as error:
            raise NotFound from error
        retire_secret(actor=request.actor, row=row, secret_id=secret_id, now=request.now)
        messages.success(request, _("The secret is retired. Requests with it are refused from now on."))

    def try_sample(self, request: ActorRequest, row: Connection) -> None:
        """Send the provider's sample as a test lead through the connection."""
        intake = try_sample(actor=request.actor, row=row, now=request.now)
        if intake.state is HookState.UNMAPPED:
            messages.error(request, intake.problem)
        else:
            messages.success(request, _("A test lead was taken in. Its verdict appears below in some seconds."))


class HookAdmin(ReadOnlyAdmin):
    """Everything that proven senders pushed. The sealed body is not shown here."""

    called = "hooks"
    list_display = ("received_at", "connection", "outcome", "problem", "repeats", "is_test")
    list_filter = ("state", "connection", "is_test")
    list_select_related = ("connection",)
    ordering = ("-received_at",)
    fields = ("connection", "received_at", "outcome", "problem", "repeats", "is_test", "raw_digest", "mapping_version")
    readonly_fields = ("outcome",)
    deeds: ClassVar[tuple[str, ...]] = ("read_again",)
    change_form_outer_after_template = "admin/connectors/hook/verbs.html"

    @labelled(description="state", label={"taken": "success", "unmapped": "danger", "ignored": "info"})  # type: ignore[untyped-decorator]
    def outcome(self, row: Hook) -> str:
        """Say what became of it."""
        return row.state

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Leave the sealed body in the database."""
        return super().get_queryset(request).defer("raw")

    def read_again(self, request: ActorRequest, row: Hook) -> None:
        """Read the hook once more with the mapping of now."""
        intake = read_again(actor=request.actor, hook=row, now=request.now)
        if intake.state is HookState.UNMAPPED:
            messages.error(request, intake.problem)
        else:
            messages.success(request, _("Read again: %(n)d events taken in.") % {"n": len(intake.taken)})


def _require_objects(values: dict[str, Any]) -> None:
    for name in ("mapping", "settings"):
        if not isinstance(values[name], dict):
            raise Invalid("Not an object.", (Problem(f"/{name}", "not_an_object", "Write a JSON object."),))


site.register(Connection, ConnectionAdmin)
site.register(Hook, HookAdmin)
