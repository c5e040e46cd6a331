"""Take a lead from the team's queue. Of two who click at once one gets it; the other is told who."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership
from apps.accounts.terms import Permission
from apps.flows.leasing import holds_lease, is_leased
from apps.leads.actions import lock_lead, move_tasks, tell
from apps.leads.models import Lead
from apps.ownership.actions import assign
from apps.ownership.decisions import spoken
from apps.ownership.models import Spell
from apps.ownership.queries import lead_to_change
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization


class LeadAlreadyOwned(Conflict):
    """A colleague was faster; the sentence names them."""

    code = "already_owned"


def claim_lead(*, actor: Actor, lead_id: UUID, now: datetime) -> Spell:
    """Make the actor the lead's owner within the team that owns it, if nobody else is.

    Raises LeadAlreadyOwned when a colleague was faster, Refused for people outside the owning team
    and roles that may not claim. Whose lead it is already may claim it again; nothing changes.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    place = _place_of(actor, lead)
    if lead.owner_id is not None and lead.owner_id == actor.membership_id:
        return Spell.rows().get(lead=lead, kind="primary", ended_at__isnull=True)
    if lead.owner is not None:
        raise LeadAlreadyOwned(f"{lead.owner.user.name} has this lead since {_clock(lead.owner_since)}.")
    if lead.leased_by_id is not None and is_leased(lead, now) and not holds_lease(actor, lead, now):
        holder = Membership.rows().select_related("user").get(id=lead.leased_by_id)
        raise LeadAlreadyOwned(f"{holder.user.name} is working on this lead until {_clock(lead.lease_until)}.")
    member = Membership.rows().get(id=place)
    if lead.owner_team is None:
        raise Conflict("This lead has no team.")
    event_id = new_id()
    spell = assign(
        lead,
        team=lead.owner_team,
        member=member,
        queue=lead.queue,
        trigger="claim",
        actor=actor,
        now=now,
        event_id=event_id,
    )
    move_tasks(lead)
    sla.accept(lead, at=now, by=f"claimed by {actor.label}")
    tell(lead, kind="assigned", sentence=f"Claimed by {actor.label}.", actor=actor, now=now, event_id=event_id)
    return spell


def _place_of(actor: Actor, lead: Lead) -> UUID:
    """Return the membership of who claims, also where a key of theirs asks. Refuses who may not claim this lead."""
    team = lead.owner_team
    if not actor.may(Permission.LEAD_CLAIM) or actor.membership_id is None:
        raise Refused("Your role may not claim leads.", action="lead.claim", object_type="lead", object_id=lead.id)
    if team is None or team.id not in actor.team_ids:
        name = team.name if team else "nobody"
        raise Refused(
            f"This lead belongs to {name}; only they can claim it. Ask them, or ask for a transfer.",
            code="locked_by_owner",
            action="lead.claim",
            object_type="lead",
            object_id=lead.id,
        )
    if lead.closed_at is not None:
        raise Conflict("This lead is closed.", code="closed")
    return actor.membership_id


def _clock(at: datetime | None) -> str:
    """Return an instant on the organization's wall clock: "20 Nov, 09:02"."""
    return spoken(at, current_organization().zone)
