"""The shapes of what colleagues ask of an owner, and of what an owner shares by hand."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class ChangeRequestView(BaseModel):
    """A request to the owner: `due_at` is the clock of `asked_of`, `state` is open, accepted or declined."""

    id: UUID
    field: str
    proposed: str
    reason: str
    asked_of: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    state: str
    answer: str
    answered_at: datetime | None


class ChangeRequestList(BaseModel):
    """Requests about a lead, newest first."""

    results: list[ChangeRequestView]


class ShareView(BaseModel):
    """With whom a lead is shared by hand: view always, contact and download where said."""

    id: UUID
    team: str | None
    member: str | None
    contact: bool
    download: bool
    reason: str
    granted_by: str
    granted_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class ShareList(BaseModel):
    """The shares that hold."""

    results: list[ShareView]
