"""Name the organisations that play a part in a lead: its sponsor, who pays, who manages the visits."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Party
from apps.audit import ledger
from apps.leads.actions import lock_lead, tell
from apps.leads.models import LeadParty
from apps.leads.terms import PartyPart
from apps.ownership.queries import lead_to_change, require_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem

#: What people may name. Who delivered a lead is written by the capture: it opens the lead to that agency.
NAMED_BY_PEOPLE = tuple(each for each in PartyPart if each is not PartyPart.SOURCE)


def name_party(*, actor: Actor, lead_id: UUID, party_key: str, part: str, now: datetime) -> LeadParty:
    """Add an organisation with its part to a lead (row TA-02). The same twice is one entry.

    Refuses people who may not edit the lead, parts that only the capture writes, and parties that are
    unknown or switched off. Naming a party gives it no access.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("parties",), now=now, action="lead.name_party")
    if part not in NAMED_BY_PEOPLE:
        sentence = f"One of: {', '.join(NAMED_BY_PEOPLE)}."
        raise Invalid(sentence, (Problem("/part", "not_in_picklist", sentence),))
    party = Party.rows().filter(key=party_key, is_active=True).first()
    if party is None:
        sentence = "There is no such active organisation."
        raise Invalid(sentence, (Problem("/party", "unknown_party", sentence),))
    row, is_new = LeadParty.objects.get_or_create(lead=lead, party=party, part=part)
    if is_new:
        sentence = f"{party.name} named as {part.replace('_', ' ')}."
        tell(lead, kind="edit", sentence=sentence, actor=actor, now=now)
        ledger.record(
            actor=actor,
            action="lead.name_party",
            object_type="lead",
            object_id=lead.id,
            fields=["parties"],
            detail={"party": str(party.id), "part": part},
        )
    found: LeadParty = row
    return found
