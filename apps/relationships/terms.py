"""Words of relationships: what a contact does there, where an opportunity stands, what may be asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.accounts.terms import PartyKind

#: The pipeline whose leads are outreach to groups; its ownership policy rules opportunities too.
PIPELINE = "partnership"
#: Organisations that one has a relationship with; an agency has contracts and pages of its own.
KINDS = tuple(each for each in PartyKind if each is not PartyKind.AGENCY)
LONGEST_TERMS, LONGEST_REASON = 4000, 300


class ContactRole(StrEnum):
    """What somebody does for their group with us (row OP-08). One contact of a relationship decides."""

    DECIDES = "decides"
    SCHEDULES = "schedules"
    CONTRACTS = "contracts"
    REFERS = "refers"
    INFORMS = "informs"


class OpportunityStage(StrEnum):
    """Where an opportunity stands; terms that are changed after their approval are proposed again."""

    OPEN = "open"
    PROPOSED = "proposed"
    APPROVED = "approved"


class RequestState(StrEnum):
    """What became of a request to the owner."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class SpellTrigger(StrEnum):
    """What began a spell of ownership; an event of a policy is kept as `event:` with its name."""

    ENTERED = "entered"
    OPENED = "opened"
    TRANSFER = "transfer"
    REQUEST = "request"
    DEACTIVATED = "deactivated"
    TEAM_LEAVES = "team_leaves"


#: Fields of a relationship and of an opportunity, with the words of refusals and requests.
RELATIONSHIP_FIELDS: Mapping[str, str] = {
    "contacts": "The contacts",
    "owner_team": "The owner",
    "opportunities": "The opportunities",
}
OPPORTUNITY_FIELDS: Mapping[str, str] = {
    "name": "The name",
    "terms": "The terms",
    "next_steps": "The next steps",
    "owner_team": "The owner",
}
#: What may be asked of the owner of each.
ASKABLE_OF_RELATIONSHIP: Mapping[str, str] = {"owner_team": "Owner", "decider": "Who decides"}
ASKABLE_OF_OPPORTUNITY: Mapping[str, str] = {
    "terms": "Terms",
    "next_steps": "Next steps",
    "name": "Name",
    "owner_team": "Owner",
}


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What must be known of a record to say who may change it; `because` is why its owner owns it."""

    name: str
    team_key: str
    team_name: str
    owner_name: str
    since: datetime
    because: str
