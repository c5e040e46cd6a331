"""Return a lead that was transferred: once, with a reason, to whoever gave it (E-16)."""

from datetime import datetime
from itertools import pairwise
from uuid import UUID

from apps.accounts.models import TeamMembership
from apps.flows.clashes import lock_unchanged
from apps.flows.transfer import Transfer, transfer_lead
from apps.handoffs.decisions import came_at
from apps.leads.models import Lead
from apps.ownership.models import Spell
from apps.ownership.queries import lead_to_change, require_change, spells_of
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem

TRANSFER, RETURN = "transfer", "return"


def return_transfer(*, actor: Actor, lead_id: UUID, reason: str, now: datetime, version: int | None = None) -> Spell:
    """Give a transferred lead back to the team and the person that had it before, with a follow-up task for them.

    Refuses people whose team does not own it, a missing reason, a lead that no transfer brought here, and a second
    return by the same team: then it is taken, or transferred anew.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    require_change(actor, lead, ("owner_team",), now=now, action="lead.return")
    if not reason.strip():
        sentence = "Say why the lead is returned."
        raise Invalid(sentence, (Problem("/reason", "reason_missing", sentence),))
    giver = giver_of(lead)
    places = TeamMembership.rows().filter(team_id=giver.team_id, membership__is_active=True)
    is_there = giver.membership_id is not None and places.filter(membership_id=giver.membership_id).exists()
    member_id = giver.membership_id if is_there else None
    wanted = Transfer(team_key=giver.team.key, reason=reason.strip(), member_id=member_id)
    return transfer_lead(actor=actor, lead_id=lead_id, transfer=wanted, now=now, version=version, trigger=RETURN)


def giver_of(lead: Lead) -> Spell:
    """Return the spell of whoever gave a lead to its team by a transfer; raise Conflict where it cannot go back."""
    spells = spells_of(lead)
    place = came_at([str(each.team_id) for each in spells])
    if place < 1 or spells[place].trigger != TRANSFER:
        raise Conflict("No transfer brought this lead here. Transfer it, with a reason.", code="not_transferred")
    for before, each in pairwise(spells):
        if each.trigger == RETURN and before.team_id == lead.owner_team_id:
            sentence = f"{before.team.name} returned this lead once already. Take it, or transfer it with a reason."
            raise Conflict(sentence, code="returned_already")
    return spells[place - 1]
