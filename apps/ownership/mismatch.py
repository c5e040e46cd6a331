"""Open leads whose owner is not the one that the policy in force names for their stage (row OW-16)."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.accounts.queries import teams_by_id
from apps.catalog.queries import campaigns_by_key, sources_by_key
from apps.leads.models import Lead
from apps.leads.queries import pipelines_by_key, stages_by_key
from apps.ownership.policy import expected_team, weight_of
from apps.ownership.queries import policies_in_force, policy_of
from apps.ownership.terms import Policy


def owned_by_another(now: datetime) -> Q:
    """Return the condition of leads that another team owns than the policy says; of those nothing stops.

    Where the policy leaves a stage to the routing rules or to people, no lead of it is one.
    """
    policies, found, taken = policies_in_force(now), Q(pk__in=[]), Q(pk__in=[])
    for policy in (*sorted(policies.named, key=weight_of, reverse=True), policies.usual):
        ruled = _ruled(policy)
        for team_id, stage_ids in _expected(policy).items():
            found |= ruled & ~taken & Q(stage_id__in=stage_ids) & ~Q(owner_team_id=team_id)
        taken |= ruled
    return Q(exception="", hold_reason="", closed_at__isnull=True) & found


def expected_of(lead: Lead, now: datetime) -> str:
    """Return the key of the team that owns a lead in its stage by the policy in force; "" where it names none."""
    return expected_team(policy_of(lead, now), lead.stage.key, tuple(stages_by_key(lead.pipeline_id)))


def _ruled(policy: Policy) -> Q:
    rows = (
        ("campaign_id", policy.campaigns, campaigns_by_key()),
        ("source_id", policy.sources, sources_by_key()),
        ("pipeline_id", policy.pipelines, pipelines_by_key()),
    )
    found = Q()
    for column, keys, known in rows:
        if keys:
            found &= Q(**{f"{column}__in": [row.id for key, row in known.items() if key in keys]})
    return found


def _expected(policy: Policy) -> dict[UUID, list[UUID]]:
    """Return the stages that a policy gives to a team, by the team's id; what a team that is gone had is left out."""
    teams = {row.key: row.id for row in teams_by_id().values()}
    found: dict[UUID, list[UUID]] = {}
    for pipeline in pipelines_by_key().values():
        stages = stages_by_key(pipeline.id)
        for key, stage in stages.items():
            team = teams.get(expected_team(policy, key, tuple(stages)))
            if stage.is_open and team is not None:
                found.setdefault(team, []).append(stage.id)
    return found
