"""The form builder: questions in order with their purposes, the checks, a preview, versions, the snippet."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import display
from django.db import models
from django.db.models import Model, QuerySet
from django.forms import MultipleChoiceField
from django.http import HttpResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from apps.accounts.assets import (
    may_change_asset,
    owner_of,
    require_asset_change,
    require_asset_view,
    share_asset,
    teams_of,
    usual_owner,
    visible_assets,
)
from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.capture.form_terms import ORIGIN, Question, QuestionKind, read_choices
from apps.capture.forms import (
    form_problems,
    move_question,
    publish_form,
    save_form,
    start_questions,
    withdraw_form,
)
from apps.capture.models import Form, FormQuestion, FormVersion
from apps.capture.preview import sign_preview
from apps.capture.trials import KIND
from apps.catalog.models import Service
from apps.policies.terms import Severity
from apps.tenancy.errors import Invalid, NotFound, Problem
from leadcrm.admin_registers import ActorCards, ActorModelAdmin, Parts
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

#: A few words need a few lines.
_SHORT: dict[Any, Any] = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}


class QuestionInline(ActorCards):
    """The questions in the order of their positions, a card each."""

    model = FormQuestion
    fieldsets = (
        (None, {"fields": (("position", "key", "kind"), ("purpose", "criterion", "is_required"))}),
        ("Words", {"fields": (("label", "hint"), ("label_es", "hint_es"), "choices")}),
    )
    ordering = ("position",)
    formfield_overrides = _SHORT

    def has_change_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """Leave another team's questions as they are."""
        return super().has_change_permission(request, obj) and (obj is None or may_change_asset(request.actor, obj))

    def has_add_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """Let who may change the form add to it."""
        return self.has_change_permission(request, obj)


class FormAdmin(ActorModelAdmin):
    """Public forms: what they ask and why, what they say, and what is on the net."""

    inlines = (QuestionInline,)
    formfield_overrides = {**ActorModelAdmin.formfield_overrides, **_SHORT}
    key_field = "slug"
    called = "public forms"
    deeds = ("publish", "take_down", "start", "move")
    change_form_outer_before_template = "admin/capture/form/state.html"
    change_form_outer_after_template = "admin/capture/form/verbs.html"
    list_display = ("title", "slug", "kind", "source", "owner", "shared_with", "is_published")
    list_filter = ("is_published", "kind", "source")
    list_select_related = ("source",)
    search_fields = ("title", "slug")
    ordering = ("title",)
    fieldsets = (
        (None, {"fields": ("slug", "title", "intro", "kind", "layout", "source", "services", "asset")}),
        ("Whose it is", {"fields": ("owning_team", "shared_team_ids")}),
        ("Consent and what happens next", {"fields": ("consent_version", "what_happens_next")}),
        (
            "Spanish",
            {"fields": ("title_es", "intro_es", "consent_version_es", "what_happens_next_es")},
        ),
        (
            "Limits",
            {"fields": ("field_cap", "needs_approval", "allowed_sites", "is_published")},
        ),
    )
    readonly_fields = ("is_published",)

    def get_queryset(self, request: ActorRequest) -> QuerySet[Any]:
        """Return the forms of the actor's teams, those shared with them, and the organization's."""
        return super().get_queryset(request).filter(visible_assets(request.actor))

    def get_object(self, request: ActorRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a form; another team's is refused with whose it is (row TA-12)."""
        row = super().get_object(request, object_id, from_field)
        if row is None and (hidden := _row_of(object_id)) is not None:
            require_asset_view(request.actor, hidden)
        return row

    def has_change_permission(self, request: ActorRequest, obj: Any = None) -> bool:
        """Show a form of another team without letting it be changed."""
        return super().has_change_permission(request, obj) and (obj is None or may_change_asset(request.actor, obj))

    def changeform_view(
        self,
        request: ActorRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Refuse to save another team's form with whose it is."""
        if request.method == "POST" and object_id is not None:
            row = self.get_object(request, object_id)
            if row is not None and super().has_change_permission(request):
                require_asset_change(request.actor, row)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_changeform_initial_data(self, request: ActorRequest) -> dict[str, Any]:
        """Suggest the maker's own team as the owner."""
        team = usual_owner(request.actor)
        return {**super().get_changeform_initial_data(request), **({"owning_team": team.pk} if team else {})}

    @display(description="owner")
    def owner(self, row: Form) -> str:
        """Name the team that changes it."""
        return owner_of(row) if row.owning_team_id else "Organization"

    @display(description="shared with")
    def shared_with(self, row: Form) -> str:
        """Name the teams that look at what came through it."""
        return ", ".join(teams_of(row))

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Add what the checks found, the versions, the order of the questions, and the snippet."""
        form: Form | None = kwargs.get("obj")
        more: dict[str, Any] = {}
        if form is not None:
            problems = form_problems(form, request.now)
            hosted, framed = (
                request.build_absolute_uri(reverse(f"capture:{name}", args=[form.slug])) for name in ("form", "embed")
            )
            more = {
                "errors_found": [each.sentence for each in problems if each.severity is Severity.ERROR],
                "warnings_found": [each.sentence for each in problems if each.severity is Severity.WARNING],
                "versions": FormVersion.rows().filter(form=form).order_by("-number")[:10],
                "questions": list(FormQuestion.rows().filter(form=form)),
                "preview_url": reverse("capture:preview", args=[form.slug, sign_preview(form.pk)]),
                "hosted_url": hosted,
                "experiment_url": self._experiment_url(request, form),
                "snippet": f'<iframe src="{framed}" title="{form.title}" width="100%" height="1400"></iframe>',
            }
        answer: HttpResponse = super().render_change_form(request, {**context, **more}, **kwargs)
        return answer

    def _experiment_url(self, request: ActorRequest, form: Form) -> str:
        """Return where what is worked on is tried; "" for a form that is not on the net."""
        if not form.is_published or not request.actor.may(Permission.RULES_WRITE):
            return ""
        return f"{reverse('admin:experiment_new')}?about={KIND}:{form.pk}"

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the services of the catalog and the teams to tick; nobody types a key."""
        if db_field.name == "shared_team_ids":
            return MultipleChoiceField(
                choices=[(str(row.pk), row.name) for row in Team.rows().filter(is_active=True).order_by("name")],
                required=False,
                widget=UnfoldAdminCheckboxSelectMultipleWidget(),
                label="Shared with",
                help_text="These teams see what came through the form; they cannot change it.",
            )
        if db_field.name == "owning_team":
            kwargs["help_text"] = "Only this team changes the form, and says who else sees what came through it."
        if db_field.name != "services":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        offered = [(row.key, row.name) for row in Service.rows().filter(is_active=True).order_by("name")]
        return MultipleChoiceField(
            choices=offered, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget(), label="Services"
        )

    def keep(self, request: ActorRequest, obj: Form, data: dict[str, Any], parts: Parts) -> Model:
        """Save what is worked on; what people see stays until it is published."""
        for site_name in data["allowed_sites"] or []:
            if not re.fullmatch(ORIGIN, site_name):
                sentence = f"“{site_name}” is no site: write it as https://www.example.com."
                raise Invalid("Site.", (Problem("/allowed_sites", "not_a_site", sentence),))
        values = {**self.values(data), "services": data["services"] or []}
        owner, shared = values.pop("owning_team"), values.pop("shared_team_ids")
        values["allowed_sites"] = list(data["allowed_sites"] or [])
        questions = _questions(parts)
        slug = self.find(obj)["slug"]
        row = save_form(actor=request.actor, slug=slug, values=values, questions=questions).row
        _share(request, row, owner or (row.owning_team if obj._state.adding else None), shared)
        return row

    def publish(self, request: ActorRequest, row: Form) -> None:
        """Put what is worked on on the net as the next version, or say all that is missing."""
        try:
            publish_form(actor=request.actor, form_id=row.pk, now=request.now)
        except Invalid as refused:
            for problem in refused.problems:
                messages.error(request, problem.detail)
            return
        messages.success(request, f"{row.title} is published.")

    def take_down(self, request: ActorRequest, row: Form) -> None:
        """Take the form off the net."""
        withdraw_form(actor=request.actor, form_id=row.pk)
        messages.success(request, f"{row.title} is off the net.")

    def start(self, request: ActorRequest, row: Form) -> None:
        """Begin with the usual questions."""
        start_questions(actor=request.actor, form_id=row.pk)
        messages.success(request, "The usual questions are there; change them as you need.")

    def move(self, request: ActorRequest, row: Form) -> None:
        """Move a question up or down."""
        try:
            question_id = UUID(request.POST.get("question", ""))
        except ValueError as error:
            raise NotFound from error
        up = request.POST.get("to") == "up"
        move_question(actor=request.actor, form_id=row.pk, question_id=question_id, up=up)


def _share(request: ActorRequest, row: Form, owner: Team | None, shared: list[str]) -> None:
    """Keep whose the form is, where the page says otherwise than it is."""
    if (owner.pk if owner else None, set(map(str, shared))) == (row.owning_team_id, set(map(str, row.shared_team_ids))):
        return
    if owner is None:
        raise Invalid("Owner.", (Problem("/owning_team", "missing", "Choose the team that owns the form."),))
    keys = Team.rows().filter(id__in=shared).values_list("key", flat=True)
    try:
        share_asset(actor=request.actor, row=row, owner_key=owner.key, team_keys=keys)
    except Invalid as error:
        places = {"/owner": "/owning_team", "/teams": "/shared_team_ids"}
        found = tuple(Problem(places[each.pointer], each.code, each.detail) for each in error.problems)
        raise Invalid(error.detail, found) from error


def _row_of(object_id: str) -> Form | None:
    try:
        return Form.rows().filter(id=UUID(object_id)).first()
    except ValueError:
        return None


def _questions(parts: Parts) -> list[Question]:
    """Return the questions in the order of their positions."""
    rows = sorted(parts.get(FormQuestion, []), key=lambda part: int(part["position"] or 0))
    names = ("key", "label", "hint", "is_required", "purpose", "criterion", "label_es", "hint_es")
    return [
        Question(
            kind=QuestionKind(part["kind"]),
            choices=read_choices(part["choices"]),
            **{name: part[name] for name in names},
        )
        for part in rows
    ]


site.register(Form, FormAdmin)
