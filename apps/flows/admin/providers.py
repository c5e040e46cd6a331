"""The registers of providers and of their open slots; both are also brought by a file or a scheduling system."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin import display
from django.db.models import Model
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from apps.catalog.models import OpenSlots, Provider
from apps.catalog.providers import Heard, is_stale, save_provider
from apps.catalog.queries import locations_by_key, services_by_key
from apps.catalog.visiting_hours import as_kept, as_line, from_line, read_hours
from apps.flows.slots import tell_slots
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.organizations import current_organization
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest

_PLACES = {"/items/0/provider": "/provider", "/items/0/service": "/service", "/items/0/starts": "/starts"}


class HoursField(forms.Field):
    """Visiting hours as lines: mon,wed 09:00-12:00 elm-st orthopedics 30 1."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Write what is kept as lines."""
        return "\n".join(map(as_line, read_hours(value))) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        """Read lines; refuses one that is none."""
        try:
            return [as_kept(from_line(line)) for line in filter(None, map(str.strip, str(value or "").splitlines()))]
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lines as they are kept."""
        return bool(self.prepare_value(initial or []) != (data or ""))


class ProviderForm(RegisterForm):
    """Services and offices are those of the catalog."""

    visiting_hours = HoursField(
        required=False,
        label="Visiting hours",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text="A line for each: days, times of the office, office, service, minutes of a visit, people at a time."
        " Such as: mon,wed 09:00-12:00 elm-st orthopedics 30 1. Free slots follow from them, without what is booked.",
    )

    services = forms.MultipleChoiceField(required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    offices = forms.MultipleChoiceField(required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("services", services_by_key()), ("offices", locations_by_key())):
            if name in self.fields:
                self.fields[name].choices = [(key, row.name) for key, row in rows.items()]  # type: ignore[attr-defined]


class ProviderAdmin(ActorModelAdmin):
    """Who sees patients: skills, services, offices, and whether they take new patients (row RT-15)."""

    form = ProviderForm
    verb = staticmethod(save_provider)
    list_display = ("name", "key", "skills", "services", "offices", "takes_new_patients", "is_active")
    list_filter = ("takes_new_patients", "is_active")
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "skills", "services", "offices", "takes_new_patients", "visiting_hours", "is_active")


class StartsField(forms.Field):
    """Open times as lines of local time: 2026-12-03 09:30."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Write the times as lines, local time."""
        if not isinstance(value, list):
            return value
        zone = ZoneInfo(current_organization().zone)
        return "\n".join(f"{each.astimezone(zone):%Y-%m-%d %H:%M}" for each in value)

    def to_python(self, value: Any) -> list[datetime]:
        """Read lines; refuses one that is no date and time."""
        zone, found = ZoneInfo(current_organization().zone), []
        for line in filter(None, map(str.strip, str(value or "").splitlines())):
            try:
                read = datetime.fromisoformat(line)
            except ValueError:
                raise forms.ValidationError(f"“{line}”: write a date and a time, such as 2026-12-03 09:30.") from None
            found.append(read if read.tzinfo else read.replace(tzinfo=zone))
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say yes: who saves the same times says that they are true now."""
        return True


class SlotsForm(RegisterForm):
    """All open times of one provider at one office for one service."""

    starts = StartsField(
        required=False,
        label="Open slots",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
        help_text="A line for each, local time: 2026-12-03 09:30. What does not stand here is taken. Saving the same"
        " times says that they are true now.",
    )


class SlotsAdmin(ActorModelAdmin):
    """Open slots as they were told last, by whom and when; what is stale is relied on no more."""

    form = SlotsForm
    key_field = ""
    called = "open slots"
    list_display = ("provider", "location", "service", "first", "number", "heard_at", "freshness", "heard_from")
    list_filter = ("location", "service")
    list_select_related = ("provider", "location", "service")
    search_fields = ("provider__name",)
    ordering = ("provider__name", "location__name", "service__name")
    fields = ("provider", "location", "service", "starts", "told")
    readonly_fields = ("told",)

    def get_readonly_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix whose slots they are, once they are there."""
        return ("told", "provider", "location", "service") if obj is not None else ("told",)

    @display(description="first still ahead")
    def first(self, row: OpenSlots) -> str:
        """Return the first slot that has not passed, local time."""
        ahead = [each for each in row.starts if each > scope_opened_at()]
        return f"{ahead[0].astimezone(ZoneInfo(current_organization().zone)):%Y-%m-%d %H:%M}" if ahead else "none"

    @display(description="open")
    def number(self, row: OpenSlots) -> int:
        """Return how many slots are still ahead."""
        return sum(each > scope_opened_at() for each in row.starts)

    @display(description="freshness")
    def freshness(self, row: OpenSlots) -> str:
        """Say whether the slots can be relied on."""
        return "stale: not relied on" if is_stale(row.heard_at, scope_opened_at()) else "fresh"

    @display(description="told")
    def told(self, row: OpenSlots) -> str:
        """Say who told it and when."""
        if row._state.adding:
            return "–"
        at = row.heard_at.astimezone(ZoneInfo(current_organization().zone))
        return f"{at:%Y-%m-%d %H:%M} by {row.heard_from}, {self.freshness(row)}"

    def keep(self, request: ActorRequest, obj: Any, data: dict[str, Any], parts: Parts) -> Model:
        """Keep exactly these slots as true from now on."""
        provider, location, service = (data.get(name) or getattr(obj, name) for name in _NAMED)
        part = Heard(provider.key, location.key, service.key, tuple(data["starts"]), request.now)
        try:
            tell_slots(actor=request.actor, told=[part], now=request.now)
        except Invalid as error:
            found = tuple(Problem(_PLACES.get(each.pointer, ""), each.code, each.detail) for each in error.problems)
            raise Invalid(error.detail, found) from error
        row: OpenSlots = OpenSlots.rows().get(provider=provider, location=location, service=service)
        return row


_NAMED = ("provider", "location", "service")

site.register(Provider, ProviderAdmin)
site.register(OpenSlots, SlotsAdmin)
