"""The register of who maintains a field and how long it is kept."""

from typing import Any

from django import forms
from django.db.models import Model
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.keeping import save_keeping
from apps.catalog.models import FieldKeeping
from apps.catalog.queries import custom_fields
from apps.catalog.terms import FieldUse
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class FieldKeepingForm(RegisterForm):
    """The field is one of the data dictionary's."""

    field = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    purposes = forms.MultipleChoiceField(
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        choices=[(each.value, each.value.capitalize()) for each in FieldUse],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "field" in self.fields:
            named = {key: each.label for key, each in STANDARD_FIELDS.items()}
            named |= {key: row.label for key, row in custom_fields().items()}
            rows = sorted(named.items(), key=lambda each: each[1].casefold())
            self.fields["field"].choices = [("", "---------"), *((key, f"{label} ({key})") for key, label in rows)]  # type: ignore[attr-defined]
        helps = {
            "team": "Whom to ask about the field. Left empty, the lead's owning team.",
            "kept_months": "Retention in months after the lead is closed. Left empty, as long as the lead.",
            "purposes": "What it may be used for. Left empty, as its privacy class allows.",
            "note": "Why this long: the law, the contract, and who looked at it.",
        }
        for name in helps.keys() & self.fields.keys():
            self.fields[name].help_text = helps[name]


class FieldKeepingAdmin(ActorModelAdmin):
    """Who maintains a field and how long it is kept; the data dictionary shows it (row DD-01)."""

    form = FieldKeepingForm
    key_field = "field"
    called = "maintainers and retention"
    list_display = ("field", "team", "kept_months", "purposes", "note", "is_active")
    list_filter = ("team", "is_active")
    list_select_related = ("team",)
    search_fields = ("field", "note")
    ordering = ("field",)
    fields = ("field", "team", "kept_months", "purposes", "note", "is_active")

    def keep(self, request: ActorRequest, obj: Any, data: dict[str, Any], parts: Parts) -> Model:
        """Save by the verb, switched off or not."""
        return save_keeping(actor=request.actor, **self.find(obj), values=self.values(data)).row


site.register(FieldKeeping, FieldKeepingAdmin)
