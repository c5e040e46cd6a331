"""Registers of ways and words: pipelines with stages, consent wordings."""

from typing import Any

from django import forms
from django.db.models import Model
from unfold.widgets import UnfoldAdminSelectWidget

from apps.consent.models import ConsentWording
from apps.consent.terms import Channel
from apps.leads.closing import Proof
from apps.leads.models import Pipeline, Stage
from apps.leads.terms import Disqualification
from apps.onboarding.actions.pipelines import save_pipeline
from apps.onboarding.actions.texts import save_wording
from apps.tenancy.errors import Invalid, Problem
from leadcrm.admin_registers import ActorInline, ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_rows import Column, RowsField
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

LISTS = ("closure_reasons", "outcomes", "missing_data_reasons")
CHANNELS = [(each.value, each.value) for each in Channel]


class StageInline(ActorInline):
    """The stages in order; a new one needs no code, only moves to it in the stage gates."""

    model = Stage
    fields = ("position", "key", "label", "is_open", "next_actions")
    ordering = ("position",)

    def has_delete_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """A stage that leads may be in stays."""
        return False


def _words(key: str) -> str:
    return key.replace("_", " ").capitalize() or "Nothing"


_KEY, _LABEL = Column("key", "Key"), Column("label", "In words")
_NEEDS = Column("needs", "Needs on record", choices=[(each.value, _words(each.value)) for each in Proof])
_STANDS_FOR = Column(
    "disqualification",
    "Disqualifies as",
    choices=[("", "—"), *((each.value, _words(each.value)) for each in Disqualification)],
)
REASON_COLUMNS = (
    *(_KEY, _LABEL, Column("won", "Won", is_switch=True), Column("meaning", "When to choose it"), _NEEDS),
    *(Column(name, name.capitalize(), is_number=True) for name in ("attempts", "days", "channels")),
    _STANDS_FOR,
)


class PipelineForm(RegisterForm):
    """How its leads may end, as tables (rows ST-12, ST-14, QL-17)."""

    closure_reasons = RowsField(REASON_COLUMNS, help_text="Why a lead may end, and what has to be on record before.")
    outcomes = RowsField((_KEY, _LABEL, _NEEDS), help_text="What may come of a lead; without any row, the usual ones.")
    missing_data_reasons = RowsField(
        (_KEY, _LABEL), help_text="Why an outcome may be unknown; without any row, the usual ones."
    )


class PipelineAdmin(ActorModelAdmin):
    """Pipelines with their stages and the ways in which their leads end (rows ST-01, ST-12)."""

    form = PipelineForm
    inlines = (StageInline,)
    list_display = ("name", "key", "person_word", "requires_phone")
    ordering = ("name",)
    fields = ("key", "name", "person_word", "requires_phone", *LISTS)

    def keep(self, request: ActorRequest, obj: Pipeline, data: dict[str, Any], parts: Parts) -> Model:
        """Save the pipeline with its stages in the order of their positions."""
        rows = sorted(parts[Stage], key=lambda part: int(part["position"]))
        self._refuse_renamed(rows)
        stages = [
            (
                part["key"],
                {
                    "label": part["label"],
                    "is_open": part["is_open"],
                    "next_actions": part["next_actions"] or [],
                },
            )
            for part in rows
        ]
        values = {**self.values(data), **{name: data[name] or [] for name in LISTS}}
        return save_pipeline(actor=request.actor, **self.find(obj), values=values, stages=stages).row

    def _refuse_renamed(self, rows: list[dict[str, Any]]) -> None:
        keys = {row.pk: row.key for row in Stage.rows()}
        for part in rows:
            stage: Stage | None = part.get("id")
            if stage is not None and keys.get(stage.pk) != part["key"]:
                sentence = f"“{keys[stage.pk]}” keeps its key: rules and reports name it. Change its label instead."
                raise Invalid("Key.", (Problem("", "key_fixed", sentence),))


class WordingForm(RegisterForm):
    """Channels by name."""

    channel = forms.ChoiceField(choices=CHANNELS, widget=UnfoldAdminSelectWidget)


class WordingAdmin(ActorModelAdmin):
    """The texts people agree to, by version. A new text is a new version."""

    form = WordingForm
    key_field = ""
    called = "consent wordings"
    list_display = ("channel", "purpose", "version", "language", "text")
    list_filter = ("channel", "language")
    ordering = ("channel", "version", "language")
    fields = ("channel", "purpose", "version", "language", "text")

    def has_change_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """A wording that exists is only read."""
        return obj is None and super().has_change_permission(request)

    def keep(self, request: ActorRequest, obj: ConsentWording, data: dict[str, Any], parts: Parts) -> Model:
        """Add the wording."""
        find = {name: data[name] for name in ("channel", "purpose", "version", "language")}
        return save_wording(actor=request.actor, find=find, text=data["text"]).row


for model, register in (
    (Pipeline, PipelineAdmin),
    (ConsentWording, WordingAdmin),
):
    site.register(model, register)
