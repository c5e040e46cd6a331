"""The register of message templates: words that are worked on, what keeps them from going, and who approved which."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Model
from django.http import HttpResponse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from apps.accounts.terms import Permission, choices
from apps.catalog.terms import ServiceKind
from apps.consent.terms import Channel, Purpose
from apps.outreach import templating
from apps.outreach.library import discord_sentence, teams_that_differ
from apps.outreach.models import Template, TemplateVersion
from apps.outreach.template_decisions import fill, places_of
from apps.outreach.template_filters import FILTERS, services
from apps.outreach.template_fit import for_what
from apps.outreach.template_places import known_places, postal_address
from apps.outreach.template_tags import stage_names, team_names
from apps.outreach.template_terms import FROZEN, OPEN, PRIVATE, WORDS, Goal, TemplateState
from apps.outreach.templates import standing_words, tags_of
from apps.tenancy.errors import Invalid, NotFound, Problem
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

CHANNELS = [(each.value, each.value) for each in (Channel.EMAIL, Channel.TEXT)]
LANGUAGES = [("en", "English"), ("es", "Spanish")]


class TemplateForm(RegisterForm):
    """The words that are worked on; what is sent changes when another person approves them."""

    channel = forms.ChoiceField(choices=CHANNELS, widget=UnfoldAdminSelectWidget)
    language = forms.ChoiceField(choices=LANGUAGES, widget=UnfoldAdminSelectWidget)
    purpose = forms.ChoiceField(
        choices=choices(Purpose),
        widget=UnfoldAdminSelectWidget,
        help_text="What the person must have permitted for the message to go.",
    )
    goal = forms.ChoiceField(
        required=False,
        choices=[("", "—"), *choices(Goal)],
        widget=UnfoldAdminSelectWidget,
        help_text="What the message is to bring about; teams that write at one step agree on it.",
    )
    category = forms.ChoiceField(
        required=False,
        choices=[("", "any"), *choices(ServiceKind)],
        widget=UnfoldAdminSelectWidget,
        help_text="Sent only about leads that ask for a service of this kind.",
    )
    service = forms.ChoiceField(
        required=False,
        widget=UnfoldAdminSelectWidget,
        label="Service line",
        help_text="Sent only about leads that ask for this service.",
    )
    stages = forms.MultipleChoiceField(
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Where people are offered it; none: at each stage.",
    )
    team = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget, help_text="The team that writes it; empty: all of them."
    )
    subject = forms.CharField(
        required=False, max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Of a mail; a text has none."
    )
    body = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14}),
        help_text="Places such as {first_name} are filled when the message is written.",
    )
    holds_phi = forms.BooleanField(
        required=False,
        label="May hold health data",
        widget=UnfoldBooleanWidget,
        help_text="Asks the approver to let this mail name health or insurance fields. Texts and marketing never may.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        row = kwargs.get("instance")
        newest = _newest(row) if row is not None and not row._state.adding else None
        if newest is not None:
            said = {name: getattr(newest, name) for name in WORDS}
            kwargs["initial"] = {**said, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for name, offered in (("service", services()), ("team", list(team_names().items()))):
            kept = getattr(newest, name, "")
            gone = [(kept, f"{kept} (gone)")] if kept and kept not in dict(offered) else []
            self._offer(name, [("", "any" if name == "service" else "—"), *offered, *gone])
        self._offer("stages", list(stage_names().items()))

    def _offer(self, name: str, offered: list[tuple[str, str]]) -> None:
        if name in self.fields:
            found: Any = self.fields[name]
            found.choices = offered


class TemplateAdmin(ActorModelAdmin):
    """Message templates: a changed text is the next version, and waits for a second person (row PH-14)."""

    form = TemplateForm
    called = "message templates"
    deeds = ("submit", "approve", "send_back", "retire")
    list_before_template = "admin/outreach/template/discords.html"
    change_form_outer_before_template = "admin/outreach/template/state.html"
    change_form_outer_after_template = "admin/outreach/template/versions.html"
    list_display = ("key", "channel", "language", "purpose", "tags", "sent", "worked_on")
    list_filter = ("channel", "language", *FILTERS)
    search_fields = ("key",)
    ordering = ("key", "channel", "language")
    fields = (
        *("key", "channel", "language", "purpose", "goal", "category", "service", "stages", "team"),
        *("subject", "body", "holds_phi"),
    )

    def get_queryset(self, request: ActorRequest) -> Any:
        """Bring the versions along."""
        return super().get_queryset(request).prefetch_related("versions")

    def get_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Show who may only look the names; the words stand below."""
        return self.fields if self.has_change_permission(request, obj) else ("key", "channel", "language")

    def get_readonly_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix what names a template that exists."""
        return ("key", "channel", "language") if obj else ()

    @display(description="purpose")
    def purpose(self, row: Template) -> str:
        """Return what the newest words are for."""
        newest = _newest(row)
        return newest.get_purpose_display() if newest else ""

    @display(description="for")
    def tags(self, row: Template) -> str:
        """Return for what and whom the newest words are, and by which team."""
        newest = _newest(row)
        if newest is None:
            return ""
        labels, said = stage_names(), tags_of(newest)
        stages = ", ".join(labels.get(each, each) for each in said.stages)
        team = team_names().get(said.team, said.team)
        return " · ".join(filter(None, (for_what(said), said.goal.replace("_", " "), stages, team)))

    @display(description="sent")
    def sent(self, row: Template) -> str:
        """Return which version is sent."""
        live = _live(row)
        return f"v{live.number}" + (", may hold health data" if live.holds_phi else "") if live else "none"

    @display(description="worked on")
    def worked_on(self, row: Template) -> str:
        """Return the version that waits, and for what."""
        newest = _newest(row)
        return f"v{newest.number} {newest.state}" if newest is not None and newest.state in OPEN else ""

    def changelist_view(self, request: ActorRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show above the list where teams do not say the same service and goal (row TN-19)."""
        found = [(each, discord_sentence(each)) for each in teams_that_differ()]
        return super().changelist_view(request, {**(extra_context or {}), "discords": found})

    def keep(self, request: ActorRequest, obj: Template, data: dict[str, Any], parts: Parts) -> Model:
        """Keep the words as the draft."""
        named = {name: data.get(name) or getattr(obj, name) for name in ("key", "channel", "language")}
        if obj._state.adding and Template.rows().filter(**named).exists():
            raise Invalid(
                "Taken.",
                (Problem("/key", "taken", "This template exists already for channel and language."),),
            )
        words = {name: data[name] for name in WORDS}
        words["body"] = words["body"].replace("\r\n", "\n")
        row = templating.save_draft(actor=request.actor, find=named, words=words, now=request.now).row
        return Template.rows().get(id=row.template_id)

    def render_change_form(self, request: ActorRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Add what keeps the words from going, a preview, the versions, and what the actor may do."""
        row: Template | None = kwargs.get("obj")
        places = known_places()
        more: dict[str, Any] = {
            "places": [(name, place, place.privacy in PRIVATE) for name, place in sorted(places.items())],
        }
        if row is not None:
            versions = list(TemplateVersion.rows().filter(template=row).order_by("-number"))
            newest = versions[0] if versions else None
            waits = newest if newest is not None and newest.state in OPEN else None
            more |= {
                "versions": [(each, standing_words(each, request.now)) for each in versions],
                "waits": waits,
                "live": next((each for each in versions if each.state == TemplateState.APPROVED), None),
                "is_submitted": waits is not None and waits.state == TemplateState.SUBMITTED,
                "seen": templating.digest_of(waits) if waits else "",
                "wrong": templating.problems_of(newest) if newest is not None and newest.state not in FROZEN else [],
                "preview": _preview(newest) if newest is not None else None,
                "may_write": request.actor.may(Permission.SETTINGS_WRITE),
                "may_approve": request.actor.may(Permission.TEMPLATE_APPROVE),
                "discords": [(each, discord_sentence(each)) for each in teams_that_differ(row.key)],
                "is_own": waits is not None and waits.author_id == request.actor.membership_id,
            }
        answer: HttpResponse = super().render_change_form(request, {**context, **more}, **kwargs)
        return answer

    def submit(self, request: ActorRequest, row: Template) -> None:
        """Put the draft before whoever approves, or say all that is wrong."""
        version_id = _asked(request, row)
        if _tried(request, lambda: templating.submit(actor=request.actor, version_id=version_id, now=request.now)):
            messages.success(request, "Submitted: another person approves it.")

    def approve(self, request: ActorRequest, row: Template) -> None:
        """Let the submitted words go out. The author is refused."""
        version_id, seen = _asked(request, row), request.POST.get("seen", "")

        def approve() -> object:
            until = _instant(request.POST.get("expires_at", ""))
            return templating.approve(
                actor=request.actor, version_id=version_id, seen=seen, now=request.now, expires_at=until
            )

        if _tried(request, approve):
            messages.success(request, f"{row.key} goes out with these words from now on.")

    def send_back(self, request: ActorRequest, row: Template) -> None:
        """Return the words to their author."""
        version_id, reason = _asked(request, row), request.POST.get("reason", "")
        if _tried(
            request,
            lambda: templating.send_back(actor=request.actor, version_id=version_id, reason=reason, now=request.now),
        ):
            messages.success(request, "Sent back to its author.")

    def retire(self, request: ActorRequest, row: Template) -> None:
        """End the approved words."""
        templating.retire(actor=request.actor, version_id=_asked(request, row), now=request.now)
        messages.success(request, f"{row.key} is not written any more.")


def _newest(row: Template) -> TemplateVersion | None:
    return max(row.versions.all(), key=lambda each: each.number, default=None)


def _live(row: Template) -> TemplateVersion | None:
    return next((each for each in row.versions.all() if each.state == TemplateState.APPROVED), None)


def _asked(request: ActorRequest, row: Template) -> UUID:
    """Return the version of the template that the page names."""
    try:
        version_id = UUID(request.POST.get("version", ""))
    except ValueError as error:
        raise NotFound from error
    if not TemplateVersion.rows().filter(id=version_id, template=row).exists():
        raise NotFound
    return version_id


def _tried(request: ActorRequest, deed: Callable[[], object]) -> bool:
    """Do a deed; say each thing that is wrong, and False, where it cannot be done."""
    try:
        deed()
    except Invalid as refused:
        for problem in refused.problems:
            messages.error(request, problem.detail)
        return False
    return True


def _preview(row: TemplateVersion) -> dict[str, str]:
    """Return the words with the name of each field in its place."""
    words = {name: f"‹{name}?›" for name in places_of(f"{row.subject}\n{row.body}")}
    words |= {name: f"‹{place.label}›" for name, place in known_places().items()}
    words |= {"postal_address": postal_address()}
    return {"subject": fill(row.subject, words), "body": fill(row.body, words)}


def _instant(text: str) -> datetime | None:
    """Read a local time of the tenant's zone, which the admin has made current."""
    if not text.strip():
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text.strip()))
    except ValueError as error:
        sentence = "Give the end as a date and a time, such as 2027-12-01T08:00."
        raise Invalid(sentence, (Problem("/expires_at", "not_a_time", sentence),)) from error


site.register(Template, TemplateAdmin)
