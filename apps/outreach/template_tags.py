"""What the tags of templates can name today: service lines, stages, teams of the tenant."""

from apps.accounts.queries import teams_by_id
from apps.catalog.queries import services_by_key
from apps.leads.queries import pipelines_by_key, stages_by_key
from apps.outreach.template_terms import KnownTags


def known_tags() -> KnownTags:
    """Return what tags can name."""
    services = {key: str(row.kind) for key, row in services_by_key().items()}
    return KnownTags(services, frozenset(stage_names()), frozenset(team_names()))


def stage_names() -> dict[str, str]:
    """Return what the stages are called by key, over all pipelines: “Opportunity / Qualified” where names differ."""
    found: dict[str, list[str]] = {}
    for pipeline in pipelines_by_key().values():
        for key, row in stages_by_key(pipeline.id).items():
            names = found.setdefault(key, [])
            names += [row.label] if row.label not in names else []
    return {key: " / ".join(sorted(names)) for key, names in found.items()}


def team_names() -> dict[str, str]:
    """Return the teams by key."""
    return {row.key: row.name for row in sorted(teams_by_id().values(), key=lambda each: each.name)}
