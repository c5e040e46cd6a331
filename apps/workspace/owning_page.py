"""By which ownership policy a lead is whose, as its pages say it: the policy with its version, parts, and events."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.queries import teams_by_id
from apps.leads.models import Lead
from apps.ownership.policy import on_event, recorded_events, trigger_of
from apps.ownership.policy_words import EVENTS, MODELS
from apps.ownership.queries import policy_number, policy_of, roles_of
from apps.ownership.terms import Model, OwnerEvent, Policy, Role
from apps.policies.queries import versions_in_force
from apps.workspace.words import Wall

_PARTS = {
    Role.DELIVERY: "Delivery owner",
    Role.OUTCOME: "Outcome owner",
    Role.OUTREACH: "First contact by",
}


def policy_shown(lead: Lead, wall: Wall) -> dict[str, Any]:
    """Return the policy that rules a lead now: its name, model and version, who takes part, and its events."""
    policy, version = policy_of(lead, wall.now), versions_in_force(wall.now).get("ownership")
    number = version.number if version else "-"
    if not policy.id:
        label = _("Ownership matrix, version %(n)s") % {"n": number}
        return {"name": "", "model": "", "label": label, "parts": [], "events": []}
    words = {"own": policy_number(policy.id, wall.now), "n": number}
    return {
        "name": policy.name,
        "model": _(MODELS[policy.model]),
        "label": _("Policy version %(own)s, in the ownership matrix, version %(n)s") % words,
        "parts": parts_shown(lead, policy),
        "events": [_event_line(policy, event) for event in recorded_events(policy)],
    }


def parts_shown(lead: Lead, policy: Policy) -> list[dict[str, str]]:
    """Return who takes part beside the owner; asks nothing where the policy gives nobody a part."""
    if policy.model is not Model.PARTNERSHIP and not policy.first_outreach:
        return []
    return [
        {
            "label": _(_PARTS[Role(each.kind)]),
            "team": each.team.name,
            "person": each.membership.user.name if each.membership else "",
        }
        for each in roles_of(lead)
    ]


def event_choices(lead: Lead, now: datetime) -> list[tuple[str, str]]:
    """Return the events that may be recorded for a lead."""
    return [(each, event_name(each)) for each in recorded_events(policy_of(lead, now))]


def event_name(key: str) -> str:
    """Return what an event is called."""
    words = EVENTS[OwnerEvent(key)] if key in set(OwnerEvent) else key.replace("_", " ")
    return _(words).capitalize()


def _event_line(policy: Policy, event: str) -> str:
    handover = on_event(policy, event)
    teams = {row.key: row.name for row in teams_by_id().values()}
    team = teams.get(handover.team_key, handover.team_key) if handover else ""
    line = _("%(event)s: %(team)s take over.") % {"event": event_name(event), "team": team}
    trigger = trigger_of(policy, event)
    return f"{line} {_('It opens an opportunity with the group.')}" if trigger and trigger.opens else line
