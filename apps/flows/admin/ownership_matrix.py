"""The ownership matrix: stage by stage who owns a lead, and the exact sentence that a colleague will read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from apps.accounts.models import Role, Team
from apps.accounts.terms import Permission
from apps.leads.models import Stage
from apps.ownership.decisions import may_change, next_owner
from apps.ownership.queries import keeper_of_consent
from apps.ownership.terms import ActorFacts, ChangeVerdict, LeadFacts, Where
from apps.policies.models import RuleSetVersion
from apps.policies.queries import version_in_force
from apps.tenancy.organizations import current_organization
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

#: One field stands for its group: the rule is the same for all of a group.
GROUPS = (
    ("Stage and outcome", "stage"),
    ("Assignment", "queue"),
    ("Details", "preferred_channel"),
    ("Insurance", "payer"),
    ("Consent", "consent"),
    ("Notes", "notes"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One stage: who owns a lead in it, and what the sample colleague may change there."""

    stage: Stage
    owner: str
    how: str
    is_gap: bool
    verdicts: tuple[ChangeVerdict, ...]


def ownership_matrix(request: ActorRequest) -> HttpResponse:
    """Show the matrix as one team and one role would meet it."""
    version = version_in_force("ownership", request.now)
    teams = {row.key: row.name for row in Team.rows().filter(is_active=True).order_by("name")}
    roles = {row.key: row for row in Role.rows().order_by("name")}
    team = request.GET.get("team", "")
    role = roles.get(request.GET.get("role", "")) or _editing(roles)
    rights = frozenset(role.permissions if role else ())
    colleague = ActorFacts(
        "a colleague",
        frozenset({team} if team in teams else ()),
        permissions=rights,
        edits_lead=Permission.LEAD_VIEW_ALL in rights,
        fixed_groups=frozenset([*role.hidden_field_groups, *role.read_only_field_groups] if role else ()),
    )
    stages = Stage.rows().select_related("pipeline").order_by("pipeline__name", "position")
    context = {
        **site.each_context(request),
        "title": "Ownership matrix",
        "version": version,
        "groups": [word for word, _ in GROUPS],
        "places": [_place(request, stage, colleague, version, teams) for stage in stages],
        "teams": list(teams.items()),
        "roles": [(key, row.name) for key, row in roles.items()],
        "team": team,
        "role": role.key if role else "",
    }
    return TemplateResponse(request, "admin/flows/ownership_matrix.html", context)


def _place(
    request: ActorRequest, stage: Stage, colleague: ActorFacts, version: RuleSetVersion | None, teams: dict[str, str]
) -> Place:
    document: dict[str, Any] = dict(version.document) if version else {}
    handover = next_owner(stage.key, document, Where(stage.pipeline.key))
    key = handover.team_key if handover else "the-owning-team"
    owner = teams.get(key, key) if handover else "the team that has it"
    views = "the team before keeps the view" if handover and handover.keeps_view else "the team before loses the view"
    lead = LeadFacts(
        ref="L-1001",
        owner_team_key=key,
        owner_team_name=owner,
        owner_since=request.now - timedelta(days=1),
        outreach_started_at=None if stage.key in ("new", "mql", "routed") else request.now - timedelta(hours=20),
        is_closed=not stage.is_open,
        stage_key=stage.key,
    )
    known: dict[str, Any] = {
        "actor": colleague,
        "lead": lead,
        "document": document,
        "zone": current_organization().zone,
        "keeper": keeper_of_consent(request.now),
    }
    return Place(
        stage,
        owner,
        views if handover else "no change of owner at this stage",
        handover is not None and key not in teams,
        tuple(may_change(field=field, **known) for _, field in GROUPS),
    )


def _editing(roles: dict[str, Role]) -> Role | None:
    """Return a role that may edit leads: the sentences are about ownership then, not about the role."""
    return next((row for row in roles.values() if Permission.LEAD_EDIT in row.permissions), None)


site.add_page(
    Page(
        "try/ownership-matrix/",
        "ownership_matrix",
        ownership_matrix,
        permission=Permission.RULES_READ,
        title="Ownership matrix",
        icon="grid_on",
    )
)
