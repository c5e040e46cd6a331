"""The register of people: their role, their places in teams, and the end of their access."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Model
from django.template.response import TemplateResponse
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.actions import Place, end_membership, save_person
from apps.accounts.models import Membership, Team, TeamMembership
from apps.accounts.terms import Availability
from apps.catalog.models import Calendar, WorkShift
from apps.catalog.shifts import save_shift
from apps.flows.people import deactivate_member
from apps.tenancy.errors import Conflict, Invalid, Problem
from leadcrm.admin_registers import ActorModelAdmin, Parts, RegisterForm
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class PersonForm(RegisterForm):
    """A colleague: address, name, role and places in teams."""

    email = forms.EmailField(widget=UnfoldAdminEmailInputWidget)
    person_name = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, label="Name")
    teams = forms.MultipleChoiceField(required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    leads = forms.MultipleChoiceField(
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label="Leads the team",
        help_text="Only teams chosen above.",
    )

    shift = forms.ChoiceField(
        required=False,
        widget=UnfoldAdminSelectWidget,
        label="Works by",
        help_text="Outside these hours queues pass over the person, whatever the switch says.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = list(Team.rows().filter(is_active=True).order_by("name").values_list("key", "name"))
        member: Membership = self.instance
        for name in ("teams", "leads"):
            if name in self.fields:
                self.fields[name].choices = options  # type: ignore[attr-defined]
        if "shift" in self.fields:
            calendars = Calendar.rows().order_by("name").values_list("key", "name")
            self.fields["shift"].choices = [("", "the switch alone"), *calendars]  # type: ignore[attr-defined]
        if member._state.adding:
            return
        shift = WorkShift.rows().filter(membership=member).select_related("calendar").first()
        places = list(TeamMembership.rows().filter(membership=member).values_list("team__key", "is_lead"))
        self.initial = {
            **self.initial,
            "email": member.user.email,
            "person_name": member.user.name,
            "teams": [key for key, _ in places],
            "leads": [key for key, is_lead in places if is_lead],
            "shift": shift.calendar.key if shift else "",
        }
        if "email" in self.fields:
            self.fields["email"].disabled = True


class MembershipAdmin(ActorModelAdmin):
    """People with a place in the organization. Access ends; the person's rows stay for the record."""

    form = PersonForm
    key_field = ""
    called = "people"
    deeds = ("end_access",)
    change_form_outer_after_template = "admin/accounts/membership/verbs.html"
    list_display = ("person", "email", "role", "availability", "open_lead_cap", "is_active")
    list_filter = ("role", "is_active", "availability")
    list_select_related = ("user", "role")
    search_fields = ("user__name", "user__email")
    ordering = ("user__name",)
    fields = (
        *("email", "person_name", "role", "party", "teams", "leads"),
        *("availability", "shift", "open_lead_cap", "skills"),
    )

    def get_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Without the right to write, show the row's own columns."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("person", "email", "role", "party", "availability", "open_lead_cap", "skills", "is_active")

    def get_readonly_fields(self, request: ActorRequest, obj: Any = None) -> tuple[str, ...]:
        """Name the columns that are computed."""
        return () if obj is None or self.has_change_permission(request, obj) else ("person", "email")

    def keep(self, request: ActorRequest, obj: Membership, data: dict[str, Any], parts: Parts) -> Model:
        """Save the person with exactly these places; a new one learns their first password this once."""
        if obj._state.adding and Membership.rows().filter(user__email=data["email"].lower(), is_active=True).exists():
            raise Invalid("Here.", (Problem("/email", "taken", "This person has a place here already."),))
        if not obj._state.adding and not obj.is_active:
            raise Conflict("This person's access has ended. Add them anew to let them in again.")
        teams = {row.key: row for row in Team.rows().filter(key__in=data["teams"])}
        saved = save_person(
            actor=request.actor,
            email=data["email"],
            name=data["person_name"],
            role=data["role"],
            places=[Place(row, key in data["leads"]) for key, row in teams.items()],
            availability=Availability(data["availability"]),
            open_lead_cap=data["open_lead_cap"],
            skills=data["skills"],
            party=data["party"],
        )
        calendar = Calendar.rows().filter(key=data["shift"]).first() if data["shift"] else None
        save_shift(actor=request.actor, member=saved.membership, calendar=calendar)
        request.__dict__["saved"] = saved
        return saved.membership

    def response_add(self, request: ActorRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        """Show a new person's first password in this answer; it is stored nowhere."""
        saved = request.__dict__["saved"]
        if not saved.initial_password:
            return super().response_add(request, saved.membership, post_url_continue)
        context = {
            **self.admin_site.each_context(request),
            "title": saved.membership.user.name,
            "saved": saved,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/membership/password.html", context)

    def end_access(self, request: ActorRequest, row: Membership) -> None:
        """End the person's access; their open leads go to their teams' queues."""
        count = deactivate_member(actor=request.actor, membership_id=row.pk, now=request.now)
        row.refresh_from_db()
        end_membership(actor=request.actor, membership=row)
        messages.success(request, f"{row.user.name} has no access any more. Leads moved to team queues: {count}.")

    @display(description="name", ordering="user__name")
    def person(self, row: Membership) -> str:
        """Return the name."""
        return row.user.name

    @display(description="e-mail", ordering="user__email")
    def email(self, row: Membership) -> str:
        """Return the address."""
        return row.user.email


site.register(Membership, MembershipAdmin)
