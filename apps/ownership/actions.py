"""Give a lead an owner: the spell, the columns and the grants change together or not at all."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership, Team
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.ownership.models import LeadTeamGrant, Spell
from apps.ownership.queries import permission_id
from apps.tenancy.actor import Actor
from apps.tenancy.writing import insert

OWNER_GRANTS = ("view_lead", "change_lead", "contact_lead", "download_lead")
OWNER_COLUMNS = ("owner_team", "owner", "queue", "owner_since", "ownership_started_at", "version")


def assign(
    lead: Lead,
    *,
    team: Team,
    member: Membership | None,
    queue: Queue | None,
    trigger: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    event_id: UUID | None = None,
    started_at: datetime | None = None,
    keeps_view: bool = False,
) -> Spell:
    """Make a team, and a member of it if one is named, the lead's only owner.

    The open spell ends at the instant the new one begins. The old team's grants go in the same
    transaction; `keeps_view` leaves it the right to look. Whether the actor may do this was decided
    before (`queries.require_change`, or a step of the product). `started_at` is the channel's start
    event for the first owner (row CP-03).
    """
    old_team_id, is_new = lead.owner_team_id, lead._state.adding
    instant = started_at or now if is_new else _end_spell(lead, started_at or now)
    spell = Spell(
        lead=lead,
        team=team,
        membership=member,
        started_at=instant,
        trigger=trigger,
        reason=reason[:300],
        actor_label=actor.label,
        event_id=event_id,
    )
    insert(spell)
    lead.owner_team, lead.owner, lead.owner_since = team, member, instant
    if queue is not None:
        lead.queue = queue
    if lead.ownership_started_at is None:
        lead.ownership_started_at = instant
    if not is_new:
        lead.version += 1
        with acting_as_system():
            lead.save(update_fields=OWNER_COLUMNS)
    if is_new:
        insert(*_grants(lead, team))
    elif old_team_id != team.id:
        _end_grants(lead, keeps_view=keeps_view)
        LeadTeamGrant.objects.bulk_create(_grants(lead, team), ignore_conflicts=True)
    ledger.record(
        actor=actor,
        action="lead.assign",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["owner_team", "owner", "queue"],
        detail={"team": str(team.id), "member": str(member.id) if member else None, "trigger": trigger},
    )
    return spell


def _end_spell(lead: Lead, instant: datetime) -> datetime:
    """End the open spell at this instant, or at its own start if that is later; return when it ended."""
    for spell in Spell.rows().filter(lead=lead, kind="primary", ended_at__isnull=True):
        spell.ended_at = instant = max(instant, spell.started_at)
        spell.save(update_fields=["ended_at"])
    return instant


def _end_grants(lead: Lead, *, keeps_view: bool) -> None:
    old = LeadTeamGrant.rows().filter(content_object=lead)
    if keeps_view:
        old = old.exclude(permission_id=permission_id("view_lead"))
    old.delete()


def _grants(lead: Lead, team: Team) -> list[LeadTeamGrant]:
    return [
        LeadTeamGrant(content_object=lead, group_id=team.group_id, permission_id=permission_id(codename))
        for codename in OWNER_GRANTS
    ]
