"""The ownership policies in force as a chapter of the playbook (rows OW-13, PB-01)."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from apps.accounts.queries import teams_by_id
from apps.catalog.queries import campaigns_by_key, sources_by_key
from apps.leads.models import Stage
from apps.leads.queries import pipelines_by_key
from apps.ownership.policy import first_team
from apps.ownership.policy_words import EVENTS, MODELS, SECTION_NAMES, STEP_NAMES
from apps.ownership.queries import consent_team, policies_in_force, policy_number
from apps.ownership.terms import BY_ROUTING, Model, OwnerEvent, Policy
from apps.playbook.terms import Agreement
from apps.policies.queries import versions_in_force


def agreements(now: datetime) -> tuple[Agreement, ...]:
    """Return each ownership policy with its owner map, its responsibility matrix and its ten sections."""
    found = policies_in_force(now).named
    if not found:
        return ()
    teams = {row.key: row.name for row in teams_by_id().values()}
    stages = dict(Stage.rows().order_by("pipeline__key", "position").values_list("key", "label"))
    version, consent = versions_in_force(now).get("ownership"), _consent_home(now)
    return tuple(
        Agreement(
            each.id,
            each.name,
            _(MODELS[each.model]),
            ", ".join(_ruled(each)),
            policy_number(each.id, now),
            version.effective_from if version else None,
            tuple(_owners(each, teams, stages)),
            tuple((_(name), _named(each.responsibility.get(key, ""), teams)) for key, name in STEP_NAMES.items()),
            tuple((_(name), each.sections.get(key, "")) for key, name in SECTION_NAMES.items()),
            consent,
        )
        for each in found
    )


def _consent_home(now: datetime) -> str:
    """Say where consent is kept and who maintains it, by the rules in force, whatever a policy's own words say."""
    team = consent_team(now)
    if team is None:
        return _("Person consent record; no team maintains it, so nobody can record a grant.")
    return _("Person consent record, %(team)s") % {"team": team.name}


def _ruled(policy: Policy) -> Iterator[str]:
    rows = ((policy.campaigns, campaigns_by_key()), (policy.sources, sources_by_key()))
    for keys, known in (*rows, (policy.pipelines, pipelines_by_key())):
        yield from (row.name for key, row in known.items() if key in keys)


def _owners(policy: Policy, teams: Mapping[str, str], stages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    first = first_team(policy, "")
    yield _("From the arrival"), _named(first, teams) if first else _("the team of the queue that routing finds")
    for channel, team in policy.channels.items():
        yield _("By %(channel)s") % {"channel": channel.replace("_", " ")}, _named(team, teams)
    if policy.first_outreach:
        who = _("the team that routing finds") if policy.first_outreach == BY_ROUTING else policy.first_outreach
        yield _("First contact"), _named(who, teams)
    if policy.model is Model.PARTNERSHIP:
        yield _event(policy.booking), _named(policy.outcome, teams)
    for stage, handover in policy.stages.items():
        yield stages.get(stage, stage), _named(handover.team_key, teams)
    for each in policy.triggers:
        yield _event(each.key), _named(each.handover.team_key, teams)


def _event(key: str) -> str:
    words = EVENTS[OwnerEvent(key)] if key in set(OwnerEvent) else key.replace("_", " ")
    return _(words).capitalize()


def _named(key: str, teams: Mapping[str, str]) -> str:
    return teams.get(key, key)
