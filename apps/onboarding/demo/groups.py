"""The demo's relationship: a physician group with two contacts, an outreach on its way and terms that wait.

Made once, as Pia of Partnerships would; what people did to it since stays.
"""

from datetime import datetime
from typing import Any

from apps.accounts.actors import actor_of_user
from apps.accounts.models import Membership
from apps.accounts.terms import PartyKind
from apps.consent.terms import Channel
from apps.flows.relating import Outreach, begin_outreach, name_contact
from apps.relationships.actions import NewContact, add_relationship, open_opportunity, write_terms
from apps.relationships.models import Relationship
from apps.relationships.terms import ContactRole
from apps.tenancy.actor import Door

PIA, TEAM, NAME = "pia@harbor.example", "partnerships", "North Ortho Group"
KIM = NewContact(
    "Dr Ellen Kim", ContactRole.DECIDES, "Managing physician", "+1 312 555 0171", "kim@north-ortho.example"
)
ROE = NewContact("Ann Roe", ContactRole.SCHEDULES, "Practice manager", "+1 312 555 0172", "roe@north-ortho.example")
TERMS = {
    "terms": "Open MRI slots on Tuesday and Thursday mornings; results within two working days.",
    "next_steps": "Operations names the slots; Ann Roe sends the first list of patients.",
}


def make_demo_group(now: datetime) -> bool:
    """Enter the group where its owner is of the tenant in scope and no relationship is there yet; say whether."""
    member = Membership.rows().select_related("user").filter(user__email=PIA, is_active=True).first()
    pia = actor_of_user(member.user, Door.COMMAND) if member else None
    if pia is None or Relationship.rows().exists():
        return False
    row = add_relationship(actor=pia, party_key="", name=NAME, kind=PartyKind.PHYSICIAN_GROUP, team_key=TEAM, now=now)
    where: dict[str, Any] = {"actor": pia, "relationship_id": row.id, "now": now}
    name_contact(**where, typed=KIM)
    roe = name_contact(**where, typed=ROE)
    reason = "A meeting about knee patients who wait for imaging"
    outreach = Outreach(roe.id, "outreach", reason, f"demo:{row.id}", {Channel.CALL: True})
    begin_outreach(**where, outreach=outreach)
    deal = open_opportunity(**where, name="MRI mornings", reason="Dr Kim asked for it at the health fair")
    write_terms(**where, opportunity_id=deal.id, changes=TERMS)
    return True
