"""What an event of a lead does to the group behind it: an agreed meeting opens an opportunity (rows OP-07, OW-17).

A lead belongs to a group that is named in it as its partner. The opportunity gets an owner of its own; the relationship
keeps the one it has.
"""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Team
from apps.flows.owning import ruling_of
from apps.leads.actions import tell
from apps.leads.models import Lead, LeadParty
from apps.leads.terms import PartyPart
from apps.ownership.policy import trigger_of
from apps.ownership.terms import OwnerEvent, Policy
from apps.relationships.actions import add_opportunity
from apps.relationships.models import Opportunity, Relationship
from apps.relationships.owners import Cause, member_of
from apps.relationships.queries import groups_at
from apps.relationships.terms import PIPELINE, OpportunityStage
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict
from apps.tenancy.writing import insert


def open_by_event(
    lead: Lead, policy: Policy, event: str, because: str, *, actor: Actor, event_id: UUID, now: datetime
) -> Opportunity | None:
    """Open the opportunity that the policy asks for at this event of a locked lead; None where there is none to open.

    A lead opens one; a further one of the group is opened on its page. Without a group the story says what is missing.
    """
    trigger = trigger_of(policy, event)
    if trigger is None or not trigger.opens or Opportunity.rows().filter(lead=lead).exists():
        return None
    group = group_of(lead)
    if group is None:
        sentence = "No opportunity was opened: no group with a relationship is named as this lead's partner."
        tell(lead, kind="event", sentence=sentence, actor=actor, now=now, event_id=event_id)
        return None
    team = Team.rows().filter(key=trigger.handover.team_key, is_active=True).first() or group.owner_team
    cause = Cause(f"event:{event}", because, event_id, ruling_of(policy, now))
    row = add_opportunity(
        group,
        name="",
        lead=lead,
        team=team,
        member=member_of(team, actor.membership_id),
        cause=cause,
        actor=actor,
        now=now,
    )
    sentence = f"Opened “{row.name}” with {group.party.name}; the relationship stays with {group.owner_team.name}."
    tell(lead, kind="event", sentence=sentence, actor=actor, now=now, event_id=event_id)
    return row


def group_of(lead: Lead) -> Relationship | None:
    """Return the relationship of the group that a lead names as its partner, locked."""
    named = LeadParty.rows().filter(lead=lead, part=PartyPart.PARTNER).values("party")
    rows = Relationship.rows().select_related("party", "owner_team", "owner__user").filter(party__in=named)
    return rows.select_for_update(of=("self",), no_key=True).order_by("created_at", "id").first()


def name_group(lead: Lead, values: list[str]) -> None:
    """Name the group of a new lead whose person is one of its contacts: one group is one record."""
    if lead.pipeline.key == PIPELINE:
        insert(*(LeadParty(lead=lead, party_id=each, part=PartyPart.PARTNER) for each in groups_at(values)))


def refuse_unapproved(lead: Lead, event: str) -> None:
    """Raise Conflict where terms would be called approved past the opportunity on which somebody approves them."""
    if event != OwnerEvent.TERMS_APPROVED:
        return
    row = Opportunity.rows().filter(lead=lead).exclude(stage=OpportunityStage.APPROVED).first()
    if row is not None:
        sentence = f"Terms are approved on “{row.name}”, on the page of the relationship; this lead follows."
        raise Conflict(sentence, code="terms_on_opportunity")
