"""Give a lead to a colleague of the team that owns it. Another team gets it by a transfer."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership, TeamMembership
from apps.flows.handing_over import hand_over
from apps.flows.transfer import require_transfer_right
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.ownership.models import Spell
from apps.ownership.queries import lead_to_change, require_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id


def assign_lead(*, actor: Actor, lead_id: UUID, member_id: UUID, reason: str, now: datetime) -> Spell:
    """Make a colleague the owner within the owning team; tasks follow, clocks and contact stay as they are.

    Refuses people outside the owning team and roles that may not hand leads over, closed leads, whoever is not in
    the team, and whose lead it is already.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    member = judge_assignment(actor, lead, member_id, now)
    assert lead.owner_team is not None
    event_id = new_id()
    spell = hand_over(
        lead,
        team=lead.owner_team,
        member=member,
        queue=None,
        trigger="assign",
        actor=actor,
        now=now,
        reason=reason,
        event_id=event_id,
        keeps_view=False,
    )
    because = f": {reason.strip()}" if reason.strip() else "."
    tell(
        lead,
        kind="assigned",
        sentence=f"Assigned to {member.user.name}{because}",
        actor=actor,
        now=now,
        event_id=event_id,
    )
    return spell


def judge_assignment(actor: Actor, lead: Lead, member_id: UUID, now: datetime) -> Membership:
    """Return who would get a lead; raise what `assign_lead` refuses with."""
    require_change(actor, lead, ("owner_team",), now=now, action="lead.assign")
    require_transfer_right(actor, lead)
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you assign it.", code="closed")
    places = TeamMembership.rows().filter(
        team=lead.owner_team_id, membership=member_id, membership__is_active=True, membership__user__is_active=True
    )
    found = places.select_related("membership__user").first()
    if found is None:
        sentence = "This person is not in the team that owns the lead."
        raise Invalid(sentence, (Problem("/member", "not_in_team", sentence),), code="not_in_team")
    member: Membership = found.membership
    if lead.owner_id == member.id:
        raise Conflict(f"{member.user.name} has this lead already.", code="same_owner")
    return member
