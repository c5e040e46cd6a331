"""Registers of the catalog: sources, campaigns, services, places, hours, queues; teams and their coverage."""

from typing import Any

from django import forms
from django.contrib.admin import display
from django.db.models import Model
from django.utils.translation import gettext, gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from apps.accounts.terms import choices
from apps.catalog.actions import (
    save_calendar,
    save_campaign,
    save_custom_field,
    save_location,
    save_queue,
    save_source,
    save_tracking_number,
)
from apps.catalog.business_hours import OpeningSpan as Span
from apps.catalog.models import (
    Calendar,
    Campaign,
    CustomField,
    Holiday,
    Location,
    OpeningSpan,
    Queue,
    Source,
    TrackingNumber,
)
from apps.catalog.queries import channels_by_key, services_by_key
from apps.catalog.source_figures import figures_by_source
from apps.catalog.terms import CaptureMethod, ContactChannel
from apps.tenancy.errors import Invalid, Problem
from leadcrm.admin_registers import ActorInline, ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

WEEKDAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


class SourceForm(RegisterForm):
    """The channel comes from the register. What is left empty here holds as the channel has it."""

    channel = forms.ChoiceField(widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "channel" in self.fields:
            named = {row.key: row.name for row in channels_by_key().values() if row.is_active}
            self.fields["channel"].choices = list((dict(choices(CaptureMethod)) | named).items())  # type: ignore[attr-defined]


class CampaignForm(RegisterForm):
    """The services are those of leads: a campaign promises nothing else (row DD-11)."""

    services = forms.MultipleChoiceField(
        required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget, label="Promised services"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "services" in self.fields:
            held = self.initial.get("services") or []
            rows = [row for row in services_by_key().values() if row.is_active or row.key in held]
            self.fields["services"].choices = [(row.key, row.name) for row in rows]  # type: ignore[attr-defined]


class QueueForm(RegisterForm):
    """The ways by which a queue works, as boxes; none means any."""

    channels = forms.MultipleChoiceField(
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        choices=choices(ContactChannel),
        label="Works by these ways alone",
        help_text="Who refused them all is not sent here. Without any the queue works by every way.",
    )


class SourceAdmin(ActorModelAdmin):
    """Lead sources with their channel's rules (rows CP-01 and CP-02)."""

    form = SourceForm
    verb = staticmethod(save_source)
    list_display = ("name", "key", "type", "channel", "start_event", "party", "owning_team", "brought", "is_active")
    list_filter = ("type", "channel", "party", "is_active")
    list_select_related = ("party", "owning_team")
    search_fields = ("name", "key")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("key", "name", "type", "is_active")}),
        (
            "Channel",
            {"fields": ("channel", "start_event", "required_fields", "missing_consent", "owning_team")},
        ),
        ("Comes from", {"fields": ("party", "campaign")}),
    )

    @display(description="became patients")
    def brought(self, row: Source) -> str:
        """Return what the source's past leads came to, as rules see it."""
        found = figures_by_source().get(row.key)
        return str(found) if found is not None else "too few so far"


class CampaignAdmin(ActorModelAdmin):
    """Campaigns with what they promise, and to whom (row CP-23)."""

    form = CampaignForm
    verb = staticmethod(save_campaign)
    list_display = ("name", "key", "party", "starts_on", "ends_on")
    list_filter = ("party",)
    list_select_related = ("party",)
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "scope", "services", "eligibility", "party", ("starts_on", "ends_on"))


class TrackingNumberAdmin(ActorModelAdmin):
    """Numbers in advertisements: what somebody saw who dials them (row CP-10)."""

    verb = staticmethod(save_tracking_number)
    key_field = "number"
    called = "tracking numbers"
    list_display = ("number", "label", "campaign", "location", "keyword", "is_active")
    list_filter = ("campaign", "location", "is_active")
    list_select_related = ("campaign", "location")
    search_fields = ("number", "label", "keyword")
    ordering = ("number",)
    fields = ("number", "label", "keyword", "campaign", "location", "is_active")


class SynonymsField(forms.Field):
    """Words by value, edited as lines such as "Nurse = RN, registered nurse"."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Write the words as lines."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{key} = {', '.join(words)}" for key, words in value.items() if words)

    def to_python(self, value: Any) -> dict[str, list[str]]:
        """Read lines; an empty one says nothing. Refuses a line without its sign."""
        found: dict[str, list[str]] = {}
        for line in filter(None, map(str.strip, str(value or "").splitlines())):
            meant, sign, words = (part.strip() for part in line.rpartition("="))
            if not sign:
                raise forms.ValidationError(gettext("“%(line)s”: write a value, “=”, and its words.") % {"line": line})
            found.setdefault(meant, []).extend(word[:80] for each in words.split(",") if (word := each.strip()))
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the words, not the way they are written."""
        return bool((initial or {}) != self.to_python(data))


class CustomFieldForm(RegisterForm):
    """What else the values of a choice are called stands in lines."""

    synonyms = SynonymsField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("A line for each value of a choice: Nurse = RN, registered nurse. Case never counts."),
    )


class CustomFieldAdmin(ActorModelAdmin):
    """Fields of the tenant's own; one that is nearly an existing field is blocked (row DD-12)."""

    form = CustomFieldForm
    verb = staticmethod(save_custom_field)
    called = "own fields"
    list_display = ("label", "key", "kind", "privacy", "origin", "is_active")
    list_filter = ("kind", "privacy", "is_active")
    search_fields = ("label", "key")
    ordering = ("label",)
    fields = ("key", "label", "meaning", "kind", "picklist", "synonyms", "privacy", "origin", "is_active")


class LocationAdmin(ActorModelAdmin):
    """Offices."""

    verb = staticmethod(save_location)
    list_display = ("name", "key", "city", "region", "postal_code", "calendar", "is_available")
    list_filter = ("is_available", "region")
    list_select_related = ("calendar",)
    search_fields = ("name", "key", "city", "postal_code")
    ordering = ("name",)
    fields = (
        "key",
        "name",
        "street",
        ("city", "region", "postal_code"),
        ("latitude", "longitude"),
        "phone",
        "synonyms",
        "calendar",
        "is_available",
        "unavailable_because",
        "fallback",
    )


class SpanForm(forms.ModelForm):  # type: ignore[type-arg]
    """Weekdays by name."""

    weekday = forms.TypedChoiceField(coerce=int, choices=WEEKDAYS, widget=UnfoldAdminSelectWidget)


class SpanInline(ActorInline):
    """Opening hours."""

    model = OpeningSpan
    form = SpanForm
    fields = ("weekday", "opens", "closes")
    ordering = ("weekday", "opens")
    verbose_name_plural = "opening hours, local time (00:00 closes at the end of the day)"


class HolidayInline(ActorInline):
    """Days on which everything is closed."""

    model = Holiday
    fields = ("day", "name")
    ordering = ("day",)


class CalendarAdmin(ActorModelAdmin):
    """Opening hours and holidays."""

    inlines = (SpanInline, HolidayInline)
    list_display = ("name", "key", "zone", "always_open")
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "zone", "always_open")

    def keep(self, request: ActorRequest, obj: Calendar, data: dict[str, Any], parts: Parts) -> Model:
        """Save the calendar with exactly these hours and holidays."""
        try:
            spans = [Span(part["weekday"], part["opens"], part["closes"]) for part in parts[OpeningSpan]]
        except ValueError as error:
            raise Invalid("Hours.", (Problem("", "hours", f"{str(error).capitalize()}."),)) from error
        days = {part["day"]: part["name"] for part in parts[Holiday]}
        return save_calendar(actor=request.actor, **self.find(obj), **self.values(data), spans=spans, holidays=days).row


class QueueAdmin(ActorModelAdmin):
    """Queues with their hours, their way of giving out leads and their longest wait."""

    form = QueueForm
    verb = staticmethod(save_queue)
    list_display = (
        *("name", "key", "team", "location", "method", "tag"),
        *("capacity", "overflow_queue", "after_hours_queue", "is_active"),
    )
    list_filter = ("team", "location", "method", "is_active")
    list_select_related = ("team", "location", "after_hours_queue", "overflow_queue")
    search_fields = ("name", "key", "tag")
    ordering = ("name",)
    fields = (
        "key",
        "name",
        "target_kind",
        "team",
        "calendar",
        "location",
        "method",
        "tag",
        "max_wait_seconds",
        ("capacity", "overflow_queue"),
        "batch_times",
        "channels",
        "after_hours_queue",
        "is_active",
    )


for model, register in (
    (Source, SourceAdmin),
    (Campaign, CampaignAdmin),
    (TrackingNumber, TrackingNumberAdmin),
    (CustomField, CustomFieldAdmin),
    (Location, LocationAdmin),
    (Calendar, CalendarAdmin),
    (Queue, QueueAdmin),
):
    site.register(model, register)
