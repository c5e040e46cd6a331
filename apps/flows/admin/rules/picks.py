"""What inputs offer to choose from: queues, teams, services, offices and stages by their names of now."""

from collections.abc import Iterable

from apps.accounts.models import Membership, Party
from apps.accounts.queries import teams_by_id
from apps.catalog.outside import systems_by_key
from apps.catalog.queries import campaigns_by_key, locations_by_key, queues_by_key, sources_by_key
from apps.flows.admin.rules.conditions import Options
from apps.leads.queries import pipelines_by_key, stage_names


def worded(keys: Iterable[object]) -> Options:
    """Return keys as options, with blanks for underscores."""
    return [(str(key), str(key).replace("_", " ")) for key in keys]


def queues() -> Options:
    """Return the queues; one that is switched off says so."""
    return [(key, row.name if row.is_active else f"{row.name} (not active)") for key, row in queues_by_key().items()]


def offices() -> Options:
    """Return the offices."""
    return [(key, row.name) for key, row in locations_by_key().items()]


def sources() -> Options:
    """Return the sources that are in use."""
    return [(key, row.name) for key, row in sources_by_key().items() if row.is_active]


def campaigns() -> Options:
    """Return the campaigns."""
    return [(key, row.name) for key, row in campaigns_by_key().items()]


def teams() -> Options:
    """Return the teams that work."""
    return [(row.key, row.name) for row in teams_by_id().values() if row.is_active]


def trackers() -> Options:
    """Return who may track a service level: the lead of a team, or a colleague."""
    people = Membership.rows().filter(is_active=True, party=None, user__is_active=True).select_related("user")
    named = sorted(((row.user.email.lower(), row.user.name) for row in people), key=lambda pair: pair[1].lower())
    return [*((key, f"the lead of {name}") for key, name in teams()), *named]


def pipelines() -> dict[str, str]:
    """Return the names of the pipelines by key."""
    return {key: row.name for key, row in pipelines_by_key().items()}


def stages() -> Options:
    """Return the stages of all pipelines, each key once."""
    return list(stage_names().items())


def reporters() -> Options:
    """Return who may report where a lead is: outside systems and partners."""
    partners = dict(Party.rows().order_by("name").values_list("key", "name"))
    return list({**{key: row.name for key, row in systems_by_key().items()}, **partners}.items())
