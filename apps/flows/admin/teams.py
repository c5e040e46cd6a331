"""The register of teams: what they are for, who is in them, what they cover, and their end (rows TA-03, TA-15)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from apps.accounts.actions import Place, save_person, save_team
from apps.accounts.models import Membership, Team, TeamMembership
from apps.catalog.actions import save_coverage
from apps.catalog.models import TeamCoverage
from apps.flows.team_ties import LEAVES, switch_off_team
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid
from leadcrm.admin_registers import ActorInline, ActorModelAdmin, Parts
from leadcrm.admin_site import site
from leadcrm.http.scoping import ActorRequest


class MemberInline(ActorInline):
    """The people of a team."""

    model = TeamMembership
    fields = ("membership", "is_lead")
    verbose_name_plural = "members"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer people with access only."""
        if db_field.name == "membership":
            kwargs["queryset"] = Membership.rows().filter(is_active=True).select_related("user")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: ActorRequest) -> Any:
        """Show members with access; those who left keep their rows for the record."""
        return super().get_queryset(request).filter(membership__is_active=True).select_related("membership__user")


class CoverageInline(ActorInline):
    """Locations and services that the team looks after."""

    model = TeamCoverage
    fields = ("location", "service")
    verbose_name_plural = "coverage"


class TeamAdmin(ActorModelAdmin):
    """Teams. One is switched off when nothing hangs on it any more; what does is named."""

    inlines = (MemberInline, CoverageInline)
    list_display = ("name", "key", "function", "is_active")
    list_filter = ("function", "is_active")
    search_fields = ("name", "key")
    ordering = ("name",)
    fields = ("key", "name", "function", "is_active")

    def keep(self, request: ActorRequest, obj: Team, data: dict[str, Any], parts: Parts) -> Model:
        """Save the team, then its coverage, then each person whose place in it changed; then let it end."""
        actor, find = request.actor, self.find(obj)
        was_on = Team.rows().filter(**find, is_active=True).exists()
        team = save_team(actor=actor, **find, name=data["name"], function=data["function"]).row
        covered = parts[TeamCoverage]
        save_coverage(
            actor=actor,
            team=team,
            locations=[part["location"] for part in covered if part["location"]],
            services=[part["service"] for part in covered if part["service"]],
        )
        _keep_members(actor, team, {part["membership"]: part["is_lead"] for part in parts[TeamMembership]})
        if not data["is_active"]:
            try:
                team = switch_off_team(actor=actor, team_id=team.pk, now=request.now)
            except Invalid as refused:
                if any(LEAVES in each.detail for each in refused.problems):
                    words = 'Hand over what it works on: <a href="{}">A team leaves</a>.'
                    messages.warning(request, format_html(words, reverse("admin:team_leaves")))
                raise
            if was_on:
                messages.success(request, f"{team.name} is switched off.")
        return team


def _keep_members(actor: Actor, team: Team, wanted: Mapping[Membership, bool]) -> None:
    """Let the team's active members be exactly these, through the verb that keeps groups in step."""
    rows = TeamMembership.rows().filter(team=team, membership__is_active=True).select_related("membership")
    held = {row.membership: row.is_lead for row in rows}
    for member in {**held, **wanted}:
        if member in held and member in wanted and held[member] == wanted[member]:
            continue
        own = TeamMembership.rows().filter(membership=member).exclude(team=team).select_related("team")
        places = [Place(row.team, row.is_lead) for row in own]
        if member in wanted:
            places.append(Place(team, wanted[member]))
        save_person(
            actor=actor,
            email=member.user.email,
            name=member.user.name,
            role=member.role,
            places=places,
            open_lead_cap=member.open_lead_cap,
            skills=member.skills,
        )


site.register(Team, TeamAdmin)
