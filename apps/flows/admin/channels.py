"""The register of channels: the seven things that hold of every source of a channel (row CP-02)."""

from typing import Any

from django import forms
from django.db.models import Model
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.models import Channel
from apps.catalog.must_tell import CONSENT_FIELDS
from apps.catalog.queries import custom_fields
from apps.flows.channels import save_channel, service_levels
from apps.tenancy.clock import database_now
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

ASKED_OF_PEOPLE = ("person.", "request.", "insurance.", "on_behalf_of.")


class OrderedSelect(forms.SelectMultiple):
    """Several values in an order: one list for each place, and some empty ones at the end; a value counts once."""

    spare = 3

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the lists one below the other."""
        held = list(value or ())
        one = UnfoldAdminSelectWidget(choices=[("", "---------"), *self.choices])
        places = enumerate([*held, *[""] * self.spare], 1)
        own = (attrs or {}).get("id", f"id_{name}")
        return format_html_join(
            "\n",
            '<div class="rule-place"><span aria-hidden="true">{}</span>{}</div>',
            (
                (
                    n,
                    one.render(
                        name, each, {"id": own if n == 1 else f"{own}_{n}", "aria-label": f"Place {n}"}, renderer
                    ),
                )
                for n, each in places
            ),
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the chosen values in the order of their places."""
        found = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return list(dict.fromkeys(each for each in found if each))


class ChannelForm(RegisterForm):
    """Fields come from the data dictionary and the service level from the rules in force."""

    initial_fields = forms.MultipleChoiceField(
        required=False,
        widget=OrderedSelect,
        help_text="Asked first and in this order, where an inquiry is typed in and where a chat asks for a contact. "
        "Consent and the preferred channel must be among them.",
    )
    required_fields = forms.MultipleChoiceField(
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="A source may ask for more; it cannot ask for less.",
    )
    sla_policy = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, label="SLA policy")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [(key, each.label) for key, each in STANDARD_FIELDS.items() if each.target.startswith(ASKED_OF_PEOPLE)]
        asked += [(key, STANDARD_FIELDS[key].label) for key in sorted(CONSENT_FIELDS)]
        asked += [(key, row.label) for key, row in custom_fields().items()]
        levels = [(key, f"{key} {name}") for key, name in service_levels(database_now()).items()]
        offered = {
            "initial_fields": asked,
            "required_fields": asked,
            "sla_policy": [("", "By the conditions of the service levels"), *levels],
        }
        for name, options in offered.items():
            if name in self.fields:
                held = self.initial.get(name) or []
                kept = [(each, each) for each in ([held] if isinstance(held, str) else held)]
                known = {key for key, _ in options}
                self.fields[name].choices = [*options, *(each for each in kept if each[0] not in known)]  # type: ignore[attr-defined]


class ChannelAdmin(ActorModelAdmin):
    """Channels: capture method, fields, start event, owning team, consent step and service level."""

    form = ChannelForm
    list_display = ("name", "key", "capture_method", "start_event", "owning_team", "consent_step", "sla_policy")
    list_filter = ("is_active",)
    list_select_related = ("owning_team",)
    search_fields = ("name", "key")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("key", "name", "is_active")}),
        ("How inquiries come in", {"fields": ("capture_method", "initial_fields", "required_fields")}),
        ("Who has them, and from when", {"fields": ("start_event", "owning_team", "consent_step", "sla_policy")}),
    )

    def keep(self, request: ActorRequest, obj: Channel, data: dict[str, Any], parts: Parts) -> Model:
        """Save the channel by its verb, switched off or not."""
        return save_channel(actor=request.actor, **self.find(obj), values=self.values(data), now=request.now).row


site.register(Channel, ChannelAdmin)
