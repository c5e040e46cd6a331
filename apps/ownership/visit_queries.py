"""Read who may book a visit for a lead, and who may set which state of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.accounts.queries import teams_by_id
from apps.accounts.terms import Permission
from apps.leads.models import Lead
from apps.ownership.queries import actor_facts, change_verdict, holds_grant, holds_role, policy_of
from apps.ownership.terms import ChangeCode, ChangeVerdict, Model, Role
from apps.ownership.visits import VISIT_STATES, may_set, read_setters
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor


def booking_verdict(actor: Actor, lead: Lead, now: datetime) -> ChangeVerdict:
    """Say whether the actor may book for a lead: its owner, or in a partnership who answers for the outcome.

    Where the rules say who sets "scheduled", these may, and the owner if they name the owner (row AP-02).
    """
    verdict = change_verdict(actor, lead, "stage", now=now)
    may_edit = not actor.is_agency and actor.may(Permission.LEAD_EDIT)
    if not verdict.allowed and may_edit and _answers_for_outcome(actor, lead, now):
        verdict = ChangeVerdict(True, ChangeCode.OK, "Your team answers for the outcome and books.")
    return _visit_verdicts(actor, lead, ("scheduled",), verdict, now)["scheduled"]


def visit_verdicts(
    actor: Actor, lead: Lead, now: datetime, states: Iterable[str] = tuple(VISIT_STATES)
) -> dict[str, ChangeVerdict]:
    """Say for each state of a visit whether the actor may set it, and who does otherwise (row AP-02)."""
    return _visit_verdicts(actor, lead, states, change_verdict(actor, lead, "outcome", now=now), now)


def _answers_for_outcome(actor: Actor, lead: Lead, now: datetime) -> bool:
    return policy_of(lead, now).model is Model.PARTNERSHIP and holds_role(actor, lead, Role.OUTCOME)


def _visit_verdicts(
    actor: Actor, lead: Lead, states: Iterable[str], by_owner: ChangeVerdict, now: datetime
) -> dict[str, ChangeVerdict]:
    document, facts = live_document("ownership", now), actor_facts(actor)
    setters = read_setters(document)
    named = any(facts.team_keys.intersection(setters[each].teams) for each in states if each in setters)
    known: dict[str, Any] = {
        "actor": replace(facts, edits_lead=named and _sees(actor, lead)),
        "by_owner": by_owner,
        "document": document,
        "names": {team.key: team.name for team in teams_by_id().values()} if setters else {},
    }
    return {state: may_set(state, **known) for state in states}


def _sees(actor: Actor, lead: Lead) -> bool:
    """Say whether the actor works on all leads, owns this one, or holds the grant to look at it."""
    if actor.is_system or actor.may(Permission.LEAD_VIEW_ALL) or lead.owner_team_id in actor.team_ids:
        return True
    return holds_grant(actor, lead.id, "view_lead")
