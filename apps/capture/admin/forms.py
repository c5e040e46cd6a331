"""The form builder: questions in order with their purposes, the checks, a preview, versions, the snippet."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import models
from django.db.models import Model
from django.forms import MultipleChoiceField
from django.http import HttpResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

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


class FormAdmin(ActorModelAdmin):
    """Public forms: what they ask and why, what they say, and what is on the net."""

    inlines = (QuestionInline,)
    formfield_overrides = {**ActorModelAdmin.formfield_overrides, **_SHORT}
    key_field = "slug"
    called = "public forms"
    deeds = ("publish", "take_down", "start", "move")
    change_form_outer_before_template = "admin/capture/form/state.html"
    change_form_outer_after_template = "admin/capture/form/verbs.html"
    list_display = ("title", "slug", "kind", "source", "consent_version", "is_published")
    list_filter = ("is_published", "kind", "source")
    list_select_related = ("source",)
    search_fields = ("title", "slug")
    ordering = ("title",)
    fieldsets = (
        (None, {"fields": ("slug", "title", "intro", "kind", "layout", "source", "services", "asset")}),
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
        """Offer the services of the catalog to tick; nobody types a key."""
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
        values["allowed_sites"] = list(data["allowed_sites"] or [])
        questions = _questions(parts)
        slug = self.find(obj)["slug"]
        return save_form(actor=request.actor, slug=slug, values=values, questions=questions).row

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
