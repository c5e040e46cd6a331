"""The shapes of relationships by API: what is sent, and what is answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StrictBool, StringConstraints

from apps.capture.schema import Line40, Line100, Line200, Line500
from apps.relationships.terms import LONGEST_REASON, LONGEST_TERMS, ContactRole, OpportunityStage, RequestState
from apps.workspace.api import bodies

Name = Annotated[Line200, StringConstraints(min_length=1)]
Reason = Annotated[Line500, StringConstraints(min_length=1, max_length=LONGEST_REASON)]
Words = Annotated[bodies.Text, StringConstraints(max_length=LONGEST_TERMS)]


class RelationshipBody(bodies.Body):
    """A group on file by its key (`party`), or a new one by name and kind; `team` is one of yours, which owns it."""

    party: Annotated[Line100, StringConstraints(max_length=63)] = ""
    name: Line200 = ""
    kind: Line40 = ""
    team: Annotated[Line100, StringConstraints(min_length=1, max_length=63)]


class GroupContactBody(bodies.Body):
    """Somebody at the group. One contact decides: whoever did before informs from then on."""

    name: Name
    role: ContactRole
    title: Line100 = ""
    phone: Line40 = ""
    email: Annotated[Line500, StringConstraints(max_length=254)] = ""


class OwnerBody(bodies.Body):
    """Which team owns the relationship from now on, or one of its opportunities where one is named; and why."""

    opportunity: UUID | None = None
    team: Annotated[Line100, StringConstraints(min_length=1, max_length=63)]
    reason: Reason


class OpportunityBody(bodies.Body):
    """A further opportunity of the group, and what it rests on."""

    name: Name
    reason: Reason


class TermsBody(bodies.Versioned):
    """What is to be changed; what is left out stays."""

    name: Line200 | None = None
    terms: Words | None = None
    next_steps: Words | None = None


class GroupRequestBody(bodies.Body):
    """What the owner is asked to change: of the relationship, or of the opportunity that is named."""

    opportunity: UUID | None = None
    field: Annotated[Line40, StringConstraints(min_length=1)]
    proposed: Words
    reason: Reason


class GroupAnswerBody(bodies.Body):
    """The owner's answer; declining needs a reason."""

    accept: StrictBool
    because: Annotated[Line500, StringConstraints(max_length=LONGEST_REASON)] = ""


class OwnerView(BaseModel):
    """Whose it is: the team by its key, a person of it if one is named, since when and why."""

    team: str
    person: str | None
    since: datetime
    because: str


class GroupContactView(BaseModel):
    """A contact; number and address are left out for roles that see no contact data."""

    id: UUID
    name: str
    title: str
    role: ContactRole
    phone: str | None
    email: str | None


class OpportunityView(BaseModel):
    """An opportunity with its own owner. `lead` is the outreach whose meeting opened it."""

    id: UUID
    name: str
    stage: OpportunityStage
    owner: OwnerView
    lead: UUID | None
    terms: str
    next_steps: str
    terms_by: str
    approved_by: str
    approved_at: datetime | None
    opened_at: datetime
    version: int


class RelationshipLine(BaseModel):
    """A relationship in the list: `decides` is the contact who decides, `opportunities` how many there are."""

    id: UUID
    party: str
    name: str
    kind: str
    owner: OwnerView
    decides: str
    opportunities: int


class RelationshipView(BaseModel):
    """A relationship with its contacts and opportunities."""

    id: UUID
    party: str
    name: str
    kind: str
    owner: OwnerView
    contacts: list[GroupContactView]
    opportunities: list[OpportunityView]


class RelationshipList(BaseModel):
    """Relationships by name; at most 200."""

    results: list[RelationshipLine]


class GroupRequestView(BaseModel):
    """A request to the owner, by when they answer, and what became of it."""

    id: UUID
    opportunity: UUID | None
    field: str
    state: RequestState
    due_at: datetime
    answer: str
