"""What goes along when a team leaves, besides the leads that it owns: nothing is left without somebody (row TA-15).

Its parts in other teams' leads, its tasks there, what it was to approve or to map, its relationships with groups, and
its forms go to the heir. Handoffs that wait for its answer return to who offered them; what was shared with it by hand
ends. An app above adds what of its own goes along.
"""

from collections.abc import Callable
from datetime import datetime

from apps.accounts.asset_models import CaptureAsset
from apps.accounts.assets import inherit_assets
from apps.accounts.models import Team
from apps.capture.models import Form
from apps.catalog.models import UnmappedWord
from apps.catalog.terms import WordState
from apps.exceptions.models import OPEN, ExceptionItem
from apps.flows.handing_off import return_handoff
from apps.flows.models import TeamMove
from apps.flows.team_ties import OPEN_TASKS, offers_to, shares_with
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Task
from apps.ownership.actions import Part, end_share, take_parts
from apps.ownership.models import LeadTeamGrant, Spell
from apps.ownership.terms import Role
from apps.relationships.owners import Cause, hand_over_all
from apps.relationships.terms import SpellTrigger
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.scope import current_organization_id

_ALSO: list[Callable[[Team, Team, Actor], None]] = []


def register_heir(pass_on: Callable[[Team, Team, Actor], None]) -> None:
    """Let an app above give what of its own hangs on a leaving team to its heir."""
    _ALSO.append(pass_on)


def pass_on(move: TeamMove, now: datetime, part: int) -> bool:
    """Pass on at most `part` of each kind; return whether something is left for the next part."""
    actor = system_actor(current_organization_id(), move.actor_label, Door.WORKER)
    more = _parts(move, actor, now, part)
    more = _offers(move, actor, now, part) or more
    shares = list(shares_with(move.from_team, now).select_related("lead", "team", "member").order_by("lead_id")[:part])
    for row in shares:
        end_share(row, because=f"{move.from_team.name} left", actor=actor, now=now)
    if more or len(shares) == part:
        return True
    tasks = Task.rows().filter(team=move.from_team, state__in=OPEN_TASKS)
    tasks.update(team=move.to_team, assignee=None)
    ExceptionItem.rows().filter(OPEN, approver=move.from_team).update(approver=move.to_team)
    UnmappedWord.rows().filter(team=move.from_team, state=WordState.OPEN).update(team=move.to_team)
    cause = Cause(SpellTrigger.TEAM_LEAVES, move.reason, move.event_id)
    hand_over_all(move.from_team, move.to_team, cause, actor=actor, now=now)
    inherit_assets(Form, leaving=move.from_team, heir=move.to_team, actor=actor)
    for also in _ALSO:
        also(move.from_team, move.to_team, actor)
    return False


def _parts(move: TeamMove, actor: Actor, now: datetime, part: int) -> bool:
    """Give the team's parts in leads that others own to the heir, with their grants."""
    rows = Spell.rows().filter(team=move.from_team, ended_at__isnull=True, lead__closed_at__isnull=True)
    held = list(rows.exclude(kind="primary").order_by("lead_id", "kind")[:part])
    for spell in held:
        lead, role = lock_lead(spell.lead_id), Role(spell.kind)
        heir = [Part(role, move.to_team)]
        take_parts(lead, heir, reason=move.reason, actor=actor, now=now, event_id=move.event_id)
        LeadTeamGrant.rows().filter(content_object=lead, group_id=move.from_team.group_id).delete()
        sentence = f"{move.to_team.name} takes the part of {move.from_team.name} ({role}): {move.reason}"[:500]
        tell(lead, kind="transfer", sentence=sentence, actor=actor, now=now, event_id=move.event_id)
    return len(held) == part


def _offers(move: TeamMove, actor: Actor, now: datetime, part: int) -> bool:
    """Return what was offered to the team to who offered it."""
    waiting = list(offers_to(move.from_team).order_by("lead_id")[:part])
    for row in waiting:
        why = f"{move.from_team.name} leaves: {move.reason}"[:300]
        return_handoff(actor=actor, lead_id=row.lead_id, handoff_id=row.id, reason=why, now=now)
    return len(waiting) == part


def inherit_lists(model: type[CaptureAsset]) -> Callable[[Team, Team, Actor], None]:
    """Return how an app above passes its own assets on."""

    def passed(leaving: Team, heir: Team, actor: Actor) -> None:
        inherit_assets(model, leaving=leaving, heir=heir, actor=actor)

    return passed
