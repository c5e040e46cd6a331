"""The register of sensitive topics: what marks each, and which teams are trained for it (row PH-16)."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.accounts.models import Team
from apps.catalog.queries import services_by_key
from apps.privacy.topic_models import SensitiveTopic
from apps.privacy.topics import save_topic
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class TopicForm(RegisterForm):
    """Services and teams by name, words as a list."""

    services = forms.MultipleChoiceField(required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    team_ids = forms.MultipleChoiceField(
        required=False, label="Trained teams", widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {
            "services": [(key, row.name) for key, row in services_by_key().items()],
            "team_ids": [(str(row.id), row.name) for row in Team.rows().filter(is_active=True).order_by("name")],
        }
        for name, choices in named.items():
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
        if "team_ids" in self.fields and self.instance is not None:
            self.fields["team_ids"].initial = [str(each) for each in self.instance.team_ids]
        if "words" in self.fields:
            self.fields["words"].help_text = "Beginnings of words, with commas between, such as: fertil, ivf."


class TopicAdmin(ActorModelAdmin):
    """Sensitive topics; only their trained teams read what a lead of theirs is about."""

    form = TopicForm
    called = "sensitive topics"
    list_display = ("name", "key", "services", "words", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "services", "words", "team_ids", "is_active")

    def keep(self, request: ActorRequest, obj: Any, data: dict[str, Any], parts: Parts) -> Model:
        """Save by the verb."""
        values = {**self.values(data), "team_ids": [UUID(each) for each in data.get("team_ids") or ()]}
        return save_topic(actor=request.actor, **self.find(obj), values=values).row


site.register(SensitiveTopic, TopicAdmin)
